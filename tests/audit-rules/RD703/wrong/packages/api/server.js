require("shared")
