package api

// Received is how an upload is taken in.
var Received = received
