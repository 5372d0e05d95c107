"""Code that the image and the jobs share: copied into the image by its Dockerfile, and uploaded with the jobs."""
