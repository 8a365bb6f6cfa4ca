import scrapy


class Shelf(scrapy.Spider):
    name = "shelf"
    start_urls = ["https://example.com"]

    def parse(self, response):
        yield {"title": response.css("title::text").get()}
