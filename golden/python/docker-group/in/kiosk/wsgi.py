from kiosk.server import make

app = make()
