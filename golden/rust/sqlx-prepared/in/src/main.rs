fn main() {
    let _ = sqlx::query!("select id from users");
}
