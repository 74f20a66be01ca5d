//go:build !linux

package app

// unmapProgram is for Linux.
func unmapProgram() error { return nil }
