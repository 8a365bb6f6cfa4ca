NAME = "forum"
