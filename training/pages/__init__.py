"""What a training, an evaluation and a comparison found, each as one page that opens without a network."""
