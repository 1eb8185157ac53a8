// Package consoleinfo provides the state of the server and the manual to the console, in the form
// of package httpapi/console. Nothing in it changes the server, and nothing that it returns contains
// a secret.
package consoleinfo
