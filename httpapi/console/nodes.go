package console

import "net/http"

// Limits of what is shown of a cluster. Its texts come from other nodes.
const (
	maxNodes    = 100
	maxAdvice   = 50
	maxNodeText = 500 // bytes
)

// getNodes handles GET /admin/nodes. It is unavailable on a server that is alone.
func (c *Console) getNodes(q *Request) (Response, error) {
	if c.deps.Nodes == nil {
		return unavailable(q)
	}
	s := c.deps.Nodes.Cluster(q.Context())
	if err := q.Context().Err(); err != nil { // the client is gone
		return Response{}, err
	}
	s.limit()
	return jsonResponse(http.StatusOK, s), nil
}

// limit cuts long lists and texts.
func (s *Cluster) limit() {
	if len(s.Nodes) > maxNodes {
		s.More = len(s.Nodes) - maxNodes
		s.Nodes = s.Nodes[:maxNodes]
	}
	nodes, advice := make([]Node, len(s.Nodes)), make([]string, min(len(s.Advice), maxAdvice))
	for i, n := range s.Nodes { // a copy, because the source may show them again
		for _, text := range []*string{&n.Name, &n.Address, &n.Version, &n.State, &n.Role, &n.Problem} {
			*text = shorten(*text, maxNodeText)
		}
		nodes[i] = n
	}
	for i := range advice {
		advice[i] = shorten(s.Advice[i], maxNodeText)
	}
	s.Name, s.Leader, s.Nodes, s.Advice = shorten(s.Name, maxNodeText), shorten(s.Leader, maxNodeText), nodes, advice
}

// hasNodes reports whether the user of a request may see the nodes of a cluster.
func (c *Console) hasNodes(q *Request) bool {
	return c.deps.Nodes != nil && q.User.Roles&RoleAdmin != 0
}
