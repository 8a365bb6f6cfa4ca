from django.conf import settings
from django.test import SimpleTestCase


class SettingsTest(SimpleTestCase):
    def test_the_secret_is_there(self):
        self.assertTrue(settings.SECRET_KEY)
