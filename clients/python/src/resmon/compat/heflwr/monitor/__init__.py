"""The interface of heflwr.monitor: ``process_monitor`` measures from outside, ``thread_monitor`` from a thread inside."""
