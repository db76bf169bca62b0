"""Personal data: fields that hold them, erasure and export."""
