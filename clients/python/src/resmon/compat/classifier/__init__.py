"""The interface of pyml's classifier package, as far as it monitors."""
