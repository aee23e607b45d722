"""The ground floor: code that belongs to no single app. It has no models and imports no app."""
