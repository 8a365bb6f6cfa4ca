import kotlin.test.Test

class ApiTest {
    @Test
    fun nothing() {}
}
