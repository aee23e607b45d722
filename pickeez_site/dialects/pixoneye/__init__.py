"""The Pixoneye API: demographic profiles of devices, from server to server. See README.md."""
