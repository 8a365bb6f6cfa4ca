import falcon


class Index:
    def on_get(self, request, response):
        response.text = "hello from distroless"


application = falcon.App()
application.add_route("/", Index())
