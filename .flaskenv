# `flask NAME` means the portal; the other service is `flask --app app.credential_service NAME`.
FLASK_APP=app
