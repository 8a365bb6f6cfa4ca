document.body.append("42");
