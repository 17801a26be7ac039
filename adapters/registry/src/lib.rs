//! The image registry adapter on aws-sdk-ecr.
