package notes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import javax.servlet.annotation.WebServlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

@WebServlet("/add")
public class Notes extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Path folder = Paths.get("/var/notes");
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("note"), "hello");
        response.getWriter().println(Files.readString(folder.resolve("note")));
    }
}
