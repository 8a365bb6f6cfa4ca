from shiny import App, render, ui

from panels import choice

app = App(ui.page_fluid(choice, ui.output_text("twice")), lambda input, output, session: None)
