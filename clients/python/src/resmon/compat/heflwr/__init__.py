"""The interface of heflwr's monitors and log."""
