"""The benchmark on simulated worlds: fixed tasks, entries, and the gates that keep the worlds hard."""
