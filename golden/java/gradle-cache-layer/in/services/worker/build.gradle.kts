plugins {
    id("company.java")
    application
}

application {
    mainClass.set("com.example.worker.Worker")
}
