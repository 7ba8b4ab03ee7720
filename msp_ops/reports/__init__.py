"""What a client reads: values in, sentences and pages out. No store, no host, no clock; same input, same bytes."""
