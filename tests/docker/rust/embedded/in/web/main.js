document.body.append("board");
