// Package vinbot holds what stands at the root of the repository and the program
// shows: the explanations of its settings are written once.
package vinbot

import _ "embed" // for Example

// Example is .env.example: every setting with its default and what it means.
//
//go:embed .env.example
var Example string
