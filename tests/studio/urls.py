"""The demo's Studio, with the plugin as its loader mounts it there."""

from django.urls import include, path

from demo.cms_urls import own_urls

urlpatterns = [
    *own_urls,
    path("microcredentials/", include(("microcred_plugin.urls.cms", "microcred"))),
]
