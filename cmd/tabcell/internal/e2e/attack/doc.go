// Package attack runs attacks on the availability of a server and prints a table of their cost to
// the other clients: the share of their scripts that got a response, the 99th percentile of the
// latency of /info, and the memory of the server before, during and after the attack. attack.md has
// the table of the last run.
//
// Each attack has a server of its own, in a separate process. The attacker and the other clients
// have different addresses on the loopback network and, if the attack asks for accounts, different
// accounts. Before the memory is measured, the other clients run scripts for a second.
//
// To add an attack, add a line to the list in a file cases_NAME_test.go, and the list to
// allAttacks.
//
// # What is covered where
//
// Attacks on availability are rows of the table. What an attack must not reach, or must be refused,
// is tested in the packages.
//
//	pages of other origins           httpapi TestForeignPagesAreRefused, e2e/browser TestForeignPage
//	mappings of many models          queries of 150 models; e2e/guest TestManyModels,
//	                                 runtime TestMappingsAreLimited, TestExhaustedAddressSpace
//	unread responses, stalled bodies cases_bodies; httpapi TestStalledClientsLeaveMemoryToOthers
//	long texts of endpoints          cases_lists; runtime/registry TestTextOfEndpoint,
//	                                 TestTextOfRegistry
//	one client fills the queue       80 scripts of 0.5 s; runtime/internal/pool TestFlood, TestShare
//	connections                      cases_connections, cases_tls; httpapi TestIdleConnectionsMakeRoom
//	memory of nested calls           cases_cells; runtime TestSharedAllowance, TestRequestLimit
//	small hosts and control groups   TestControlGroup; settings TestDefaultsFitHost
//	models that share an image       runtime TestEqualCodeIsNotShared
//	names and texts of models        runtime TestIsIdentifier, TestHostileDescriptions
//	floods of the log                requests that are logged; logging TestRepeatsFlood
//	heads, chunks, trailers          cases_heads; httpapi/internal/listener FuzzFraming
//	request smuggling                httpapi TestNoSmuggling
//	gzip bombs, empty members        cases_bodies; httpapi TestGzipWithEmptyBlocks
//	HTTP/2 frames, rapid reset       cases_http2; httpapi/internal/listener TestRapidResets
//	malformed JSON and Unicode       deep JSON; e2e/input
//	guesses of passwords             wrong passwords; authn TestAttemptsAreBounded,
//	                                 TestLockoutIsBounded
//	lock-out of Tableau's account    authn TestTrustedLoginIsNotLockedOut
//	tokens, floods of key names      cases_tokens; authn TestConcurrentLookupsShareFetch,
//	                                 TestWaitingIsBounded
//	DNS rebinding                    authn TestDNSRebinding, e2e/grants TestRebinding
//	clients that leave               scripts whose clients leave;
//	                                 httpapi TestDisconnectCancelsScript
//	escapes, leaks between calls     e2e/escape TestEscapes, TestFreshEntropy
//	endless and long operations      cases_scripts, cases_cells;
//	                                 e2e/escape TestInfoDuringEndlessScripts
//	reloads                          reloads, 20 in a second; authn TestReloadKeepsVerifiedLogins
//	a process that is taken over     confine TestTakeover, e2e TestConfined
//	grants                           cases_grants; runtime/internal/egress TestConnectionLimits
//	Arrow Flight                     cases_flight; httpapi/flight TestBadStreams, TestIdleStreams
//	console                          cases_console; httpapi/console TestGuards
//	cluster port                     cases_cluster; runtime/cluster TestStrangersAreLimited
//	full disks, kills, clocks        e2e/cluster, audit TestFullDisk, runtime/registry
package attack
