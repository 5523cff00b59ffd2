"""The addresses under ``/v1``, one file a subject: who may use each, what it takes and what it answers."""
