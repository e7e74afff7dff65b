"""The Flask kit both services share. It knows neither service: what it needs of them is handed to it."""
