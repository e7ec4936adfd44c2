package v1_test

import "testing"

func (s *story) billing(t *testing.T) {
	g := newGolden(t, "get_auth_user_status")
	s.anonymous(g, "GET", "/v1/auth/user/status")
	g.do("owner", s.ann, "GET", "/v1/auth/user/status", nil)
	g.do("bare alias", s.bob, "GET", "/auth/user/status", nil)

	g = newGolden(t, "get_billing_plan")
	s.anonymous(g, "GET", "/v1/billing/plan")
	g.do("free", s.ann, "GET", "/v1/billing/plan", nil)
	g.do("shared by the organization", s.bob, "GET", "/v1/billing/plan", nil)

	g = newGolden(t, "get_usage")
	s.anonymous(g, "GET", "/v1/usage")
	g.do("owner", s.ann, "GET", "/v1/usage", nil)
	g.do("member", s.bob, "GET", "/v1/usage?by=model&days=1", nil)
	for _, query := range []string{"days=0", "days=367", "days=x", "by=moon"} {
		g.do("refused: "+query, s.ann, "GET", "/v1/usage?"+query, nil)
	}

	g = newGolden(t, "get_billing_pricing")
	g.add("no token", "GET /v1/billing/pricing", s.app.Do("GET", "/v1/billing/pricing", "", nil))

	g = newGolden(t, "post_billing_onboard")
	s.anonymous(g, "POST", "/v1/billing/onboard")
	for _, c := range []struct{ name, body string }{
		{"again", `{}`},
		{"with wishes", `{"email":"other@example.org","display_name":"Other","organization_name":"Other Ltd","billing_interval":null}`},
		{"unknown plan", `{"plan_key":"gold"}`},
		{"another plan", `{"plan_key":"team","billing_interval":"annual"}`},
		{"back", `{"plan_key":" free ","billing_interval":"every now and then"}`},
		{"wrong kinds", `{"email":1,"display_name":[],"organization_name":{},"plan_key":2,"billing_interval":true}`},
		{"no body", ``},
		{"list", `[]`},
		{"broken", `{"plan_key":`},
	} {
		g.do(c.name, s.ann, "POST", "/v1/billing/onboard", c.body)
	}
	g.do("member", s.bob, "POST", "/v1/billing/onboard", `{}`)
	g.do("member asks for the plan there is", s.bob, "POST", "/v1/billing/onboard", `{"plan_key":"free"}`)
	g.do("member asks for another plan", s.bob, "POST", "/v1/billing/onboard", `{"plan_key":"pro"}`)
	s.payments(t)
}

// payments are the routes that end in 503 while nobody takes any.
func (s *story) payments(t *testing.T) {
	g := newGolden(t, "post_billing_checkout")
	s.anonymous(g, "POST", "/v1/billing/checkout")
	for _, c := range []struct{ name, body string }{
		{"fine", `{"plan_key":"pro","billing_interval":"Yearly","success_url":"https://a.example/","cancel_url":"https://b.example/","quantity":"2"}`},
		{"unknown plan", `{"plan_key":"gold"}`},
		{"no plan", `{}`},
		{"empty plan", `{"plan_key":""}`},
		{"interval and quantity", `{"plan_key":"pro","billing_interval":"weekly","quantity":0}`},
		{"null quantity", `{"plan_key":"pro","quantity":null,"billing_interval":null}`},
		{"wrong kinds", `{"plan_key":1,"billing_interval":2,"success_url":3,"cancel_url":4,"quantity":"x"}`},
		{"half", `{"plan_key":"pro","quantity":1.5}`},
		{"no body", ``},
	} {
		g.do(c.name, s.ann, "POST", "/v1/billing/checkout", c.body)
	}
	g.do("member", s.bob, "POST", "/v1/billing/checkout", `{"plan_key":"pro"}`)

	g = newGolden(t, "post_billing_portal")
	s.anonymous(g, "POST", "/v1/billing/portal")
	g.do("fine", s.ann, "POST", "/v1/billing/portal", `{"return_url":"https://a.example/"}`)
	g.do("wrong kind", s.ann, "POST", "/v1/billing/portal", `{"return_url":1}`)
	g.do("no body", s.ann, "POST", "/v1/billing/portal", ``)
	g.do("member", s.bob, "POST", "/v1/billing/portal", `{}`)

	g = newGolden(t, "post_billing_sync")
	s.anonymous(g, "POST", "/v1/billing/sync")
	g.do("owner", s.ann, "POST", "/v1/billing/sync", nil)
	g.do("member", s.bob, "POST", "/v1/billing/sync", nil)

	g = newGolden(t, "post_billing_webhook")
	g.add("no token", "POST /v1/billing/webhook", s.app.Do("POST", "/v1/billing/webhook", "", []byte(`{"id":"evt_1"}`)))
	g.add("broken", "POST /v1/billing/webhook {", s.app.Do("POST", "/v1/billing/webhook", "", []byte(`{`)))
}

func (s *story) organization(t *testing.T) {
	g := newGolden(t, "get_organization")
	s.anonymous(g, "GET", "/v1/organization")
	g.do("owner", s.ann, "GET", "/v1/organization", nil)
	g.do("member", s.bob, "GET", "/v1/organization", nil)

	g = newGolden(t, "patch_organization")
	s.anonymous(g, "PATCH", "/v1/organization")
	for _, c := range []struct{ name, body string }{
		{"owner", `{"name":"  Corner\n shop  "}`},
		{"blank", `{"name":" \t "}`},
		{"empty", `{"name":""}`},
		{"no name", `{}`},
		{"wrong kind", `{"name":7}`},
		{"broken", `{`},
	} {
		g.do(c.name, s.ann, "PATCH", "/v1/organization", c.body)
	}
	g.do("member", s.bob, "PATCH", "/v1/organization", `{"name":"Bob's"}`)

	g = newGolden(t, "get_organization_members")
	s.anonymous(g, "GET", "/v1/organization/members")
	g.do("member", s.bob, "GET", "/v1/organization/members", nil)
	g.do("one", s.ann, "GET", "/v1/organization/members?limit=1", nil)
	g.do("limit", s.ann, "GET", "/v1/organization/members?limit=0", nil)

	g = newGolden(t, "patch_organization_members_id")
	s.anonymous(g, "PATCH", "/v1/organization/members/"+s.bob.ID)
	bob, ann, nobody := "/v1/organization/members/"+s.bob.ID, "/v1/organization/members/"+s.ann.ID, "/v1/organization/members/"+randomID
	g.do("member", s.bob, "PATCH", ann, `{"role":"member"}`)
	g.do("member, unknown", s.bob, "PATCH", nobody, `{"role":"member"}`)
	g.do("unknown", s.ann, "PATCH", nobody, `{"role":"admin"}`)
	g.do("malformed", s.ann, "PATCH", "/v1/organization/members/1", `{"role":"admin"}`)
	g.do("no role", s.ann, "PATCH", bob, `{}`)
	g.do("unknown role", s.ann, "PATCH", bob, `{"role":"king"}`)
	g.do("wrong kind", s.ann, "PATCH", bob, `{"role":1}`)
	g.do("last owner", s.ann, "PATCH", ann, `{"role":"admin"}`)
	g.do("make an admin", s.ann, "PATCH", bob, `{"role":"admin"}`)
	g.do("admin against owner", s.bob, "PATCH", ann, `{"role":"member"}`)
	g.do("make a member", s.ann, "PATCH", bob, `{"role":"member"}`)
}
