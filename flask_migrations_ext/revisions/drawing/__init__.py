"""The history as a picture. Pure: text comes out, nothing is asked."""
