from django.contrib.gis.gdal import gdal_version
from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("", lambda request: HttpResponse(gdal_version()))]
