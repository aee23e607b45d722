"""What operators see: health, metrics, logs, the doctor, the dashboard, admin pages of several floors."""
