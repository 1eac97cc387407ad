"""The product: a reconciling operator driven by documents in etcd."""

__version__ = "0.1.0"
