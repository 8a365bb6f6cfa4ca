console.log("not the program");
