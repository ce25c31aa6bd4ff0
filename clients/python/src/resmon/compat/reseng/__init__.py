"""The interface of reseng's resource monitor."""
