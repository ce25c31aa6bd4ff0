"""Drop-in replacements for the monitors of three other systems; docs/migrating.md tells what differs and why."""
