rootProject.name = "web"
