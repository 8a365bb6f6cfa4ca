rootProject.name = "platform"

include(":core", ":services:api", ":services:worker")
