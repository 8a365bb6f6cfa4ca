SPIDER_MODULES = ["books.spiders"]
