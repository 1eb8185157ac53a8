// Package console implements the console: pages for browsers on which analysts try scripts and
// administrators look after endpoints, and the JSON API behind them. openapi.json describes that
// API.
//
// The package knows neither the server's router nor its settings. Package httpapi mounts it, and
// implements the interfaces in deps.go. It does not trust anything that a client sends, and nothing
// that a script returns.
//
// # Vocabulary
//
//   - page: a path that a browser shows, such as /console/load. All of them are the same file,
//     web/dist/index.html, whose script draws the page.
//   - asset: a file of web/dist/assets, whose name contains a digest of its content.
//   - resource: a route below /console/api/v1.
//   - exchange: the request in progress as the server in front of the console sees it.
//   - session: a sign-in that a cookie stands for; see package session.
//   - share: the part of the server's cells that the console may use at the same time.
//
// # The path of a request
//
//  1. Serve (serve.go) finds the route and sets the security headers.
//  2. guard.go checks where the request comes from, the session, the CSRF token and the role.
//  3. The handler, in the file of its resource, returns a Response or an error.
//  4. Serve turns an error into a response (errors.go). The server in front sends it.
//
// # Adding a resource
//
//  1. Describe it in openapi.json.
//  2. Add its line to the table in routes.go, with the role that it needs. TestGuards covers it
//     from then on.
//  3. Write the handler in the file of its resource, and declare what it needs in deps.go.
package console
