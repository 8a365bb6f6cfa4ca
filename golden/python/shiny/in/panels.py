from shiny import ui

choice = ui.input_slider("n", "N", 0, 10, 5)
