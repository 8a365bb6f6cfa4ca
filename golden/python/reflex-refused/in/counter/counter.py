import reflex as rx


def index():
    return rx.heading("Counter")


app = rx.App()
app.add_page(index)
