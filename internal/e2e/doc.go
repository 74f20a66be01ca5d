// Package e2e holds the tests of the whole program: the real wiring, the real
// database and the real files, against the simulated Telegram.
package e2e
