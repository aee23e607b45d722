"""The ground floor: what is no app's own domain. It has no models and imports nothing of the floors above."""
