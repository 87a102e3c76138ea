"""The table behind Django's database cache, so that plain ``migrate`` makes everything."""

from django.db import models


class CacheRow(models.Model):
    """One cached value; rows are written by ``DatabaseCache`` only, never through this model."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "django_cache"
        default_permissions = ()

    def __str__(self) -> str:
        return self.cache_key
