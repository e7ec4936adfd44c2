package v1

import (
	"net/http"
	"slices"
)

// table is every route. Options may be empty when only the routes are asked
// for.
func table(o Options) []endpoint {
	return slices.Concat(
		selfRoutes(o), staffRoutes(o), memoryRoutes(o), makerRoutes(o), catalogRoutes(o), providerRoutes(o), chatRoutes(o), boardRoutes(o), fileRoutes(o), accountRoutes(o), jobRoutes(o),
		billingRoutes(o), organizationRoutes(o), doorRoutes(o), gmailRoutes(), internalRoutes(o), socketRoutes(o),
	)
}

// get, send and bare make routes that want an access token: one that is read,
// one that reads a JSON body, and one that reads none.
func get(path string, serve func(call) error) endpoint {
	return endpoint{Route: Route{Method: http.MethodGet, Path: path}, serve: serve}
}

func send(method, path string, serve func(call) error) endpoint {
	return endpoint{Route: Route{Method: method, Path: path}, body: true, serve: serve}
}

func bare(method, path string, serve func(call) error) endpoint {
	return endpoint{Route: Route{Method: method, Path: path}, serve: serve}
}

// with makes a route that wants something else.
func with(access Access, method, path string, serve func(call) error) endpoint {
	return endpoint{Route: Route{Method: method, Path: path, Access: access}, serve: serve}
}

// free, large and file say what bounds a route; see endpoint.
func free(e endpoint) endpoint  { e.free = true; return e }
func large(e endpoint) endpoint { e.large = true; return e }
func file(e endpoint) endpoint  { e.free, e.file = true, true; return e }

// selfRoutes are about the server.
func selfRoutes(o Options) []endpoint {
	return []endpoint{
		free(with(AccessPublic, http.MethodGet, "/health", health)),
		free(with(AccessPublic, http.MethodHead, "/health", health)),
		free(with(AccessPublic, http.MethodGet, "/health/ready", ready(o.Writable))),
		free(with(AccessPublic, http.MethodHead, "/health/ready", ready(o.Writable))),
		with(AccessPublic, http.MethodGet, "/openapi.json", getDocument(o.BaseURL)),
	}
}

// staffRoutes are about tmates and who is hired of them.
func staffRoutes(o Options) []endpoint {
	return []endpoint{
		get("/agents/metadata", agentsMetadata(o.Team)),
		get("/agents/enabled", agentsEnabled(o.Team)),
		with(AccessPublic, http.MethodGet, "/agents/platform", agentsPlatform(o.Team, o.Authenticate)),
		get("/agents/store", agentStore(o.Team)),
		send(http.MethodPost, "/agents/manage", manageAgent(o.Team)),
		send(http.MethodPost, "/agents/hire", hireAgent(o.Team)),
		send(http.MethodPost, "/agents/dismiss", dismissAgent(o.Team)),
		get("/agents/:agent_key/metadata", agentMetadata(o.Team)),
		get("/teammates", listTeammates(o.Team)),
	}
}

// memoryRoutes are about what a tmate remembers and may do.
func memoryRoutes(o Options) []endpoint {
	return []endpoint{
		get("/agents/:agent_key/memories", listMemories(o.Team)),
		bare(http.MethodDelete, "/agents/:agent_key/memories", deleteMemories(o.Team)),
		get("/search", search(o.Team)),
		send(http.MethodPatch, "/memories/:memory_id", changeMemory(o.Team)),
		bare(http.MethodDelete, "/memories/:memory_id", deleteMemory(o.Team)),
		get("/agents/:agent_key/permissions", getPermissions(o.Team)),
		send(http.MethodPut, "/agents/:agent_key/permissions", putPermissions(o.Team)),
	}
}

// makerRoutes are about how tmates are written, and those made on this server.
func makerRoutes(o Options) []endpoint {
	return []endpoint{
		get("/tmates/template", tmateTemplate(o.Team)),
		send(http.MethodPost, "/tmates/check", checkTmate(o.Team)),
		send(http.MethodPost, "/tmates", createTmate(o.Team)),
		get("/tmates/:tmate_key/source", tmateSource(o.Team)),
		send(http.MethodPut, "/tmates/:tmate_key", changeTmate(o.Team)),
		bare(http.MethodDelete, "/tmates/:tmate_key", deleteTmate(o.Team)),
	}
}

// catalogRoutes are about tmates that others publish.
func catalogRoutes(o Options) []endpoint {
	return []endpoint{
		get("/agents/catalog", listCatalog(o.Team)),
		bare(http.MethodPost, "/agents/catalog/sync", syncCatalog(o.Team)),
		get("/agent-catalog", listCatalog(o.Team)),
		bare(http.MethodPost, "/agent-catalog/sync", syncCatalog(o.Team)),
	}
}

// providerRoutes are about the services that answer as models.
func providerRoutes(o Options) []endpoint {
	return []endpoint{
		get("/providers", managed(o.Team, listProviders)),
		get("/providers/local", managed(o.Team, localPlaces)),
		bare(http.MethodPost, "/providers/detect", managed(o.Team, detectProviders)),
		send(http.MethodPost, "/providers/models", managed(o.Team, providerModels)),
		send(http.MethodPost, "/providers/test", managed(o.Team, testProvider)),
		send(http.MethodPut, "/providers/default", managed(o.Team, chooseProvider)),
		send(http.MethodPut, "/providers/:provider_name", managed(o.Team, saveProvider)),
		bare(http.MethodDelete, "/providers/:provider_name", managed(o.Team, removeProvider)),
	}
}

// chatRoutes are about threads and messages.
func chatRoutes(o Options) []endpoint {
	return []endpoint{
		get("/chats", listChats(o.Team)),
		bare(http.MethodPost, "/chats", openChat(o.Team, o.Team)),
		large(get("/chats/:thread_id", getChat(newHold(o)))),
		bare(http.MethodDelete, "/chats/:thread_id", deleteChat(o.Team)),
		send(http.MethodPut, "/chats/:thread_id/read", readChat(o.Team)),
		bare(http.MethodPost, "/chats/:thread_id/clear", clearChat(o.Team)),
		bare(http.MethodPost, "/chats/:thread_id/session/reset", resetSession(o.Team)),
		send(http.MethodPost, "/chats/:thread_id/messages", sendMessage(o.Team)),
	}
}

// boardRoutes are about the Pinboard.
func boardRoutes(o Options) []endpoint {
	return []endpoint{
		large(get("/pinboard", listPosts(o.Team))),
		send(http.MethodPost, "/pinboard", addPost(o.Team)),
		get("/pinboard/:slug", getPost(o.Team)),
		bare(http.MethodDelete, "/pinboard/:slug", deletePost(o.Team)),
	}
}

// fileRoutes are about the user's files. The router does not fall back from a
// longer path to a shorter one, so that deleting is registered below each.
func fileRoutes(o Options) []endpoint {
	return []endpoint{
		get("/files", listFiles(o.Team)),
		bare(http.MethodHead, "/files", listFiles(o.Team)),
		free(bare(http.MethodPost, "/files/upload", uploadFile(o))),
		get("/uploads", getUploads(o.Team)),
		file(get("/files/download/*", downloadFile(o.Team))),
		file(bare(http.MethodHead, "/files/download/*", downloadFile(o.Team))),
		file(with(AccessLink, http.MethodGet, "/files/view/*", viewFile(o))),
		file(with(AccessLink, http.MethodHead, "/files/view/*", viewFile(o))),
		bare(http.MethodPost, "/files/generate-view-url/*", makeLink(o)),
		bare(http.MethodDelete, "/files/*", deleteFile(o.Team, "")),
		bare(http.MethodDelete, "/files/download/*", deleteFile(o.Team, "download/")),
		bare(http.MethodDelete, "/files/view/*", deleteFile(o.Team, "view/")),
		bare(http.MethodDelete, "/files/generate-view-url/*", deleteFile(o.Team, "generate-view-url/")),
	}
}

// accountRoutes are about the user.
func accountRoutes(o Options) []endpoint {
	return []endpoint{
		get("/auth/user/status", userStatus(o.Team)),
		get("/profile", getProfile(o.Team)),
		send(http.MethodPatch, "/profile", changeProfile(o.Team)),
		get("/profile/me", getProfile(o.Team)),
		send(http.MethodPatch, "/profile/me", changeProfile(o.Team)),
		get("/settings/mobile", getSettings(o.Team)),
		send(http.MethodPatch, "/settings/mobile", changeSettings(o.Team)),
		get("/settings/web", getWebSettings(o.Team)),
		send(http.MethodPatch, "/settings/web", changeWebSettings(o.Team)),
	}
}

// jobRoutes are about background work.
func jobRoutes(o Options) []endpoint {
	return []endpoint{
		large(get("/jobs", listJobs(o.Team))),
		send(http.MethodPost, "/jobs", addJob(o.Team)),
		get("/jobs/:job_id", getJob(o.Team)),
		bare(http.MethodPost, "/jobs/:job_id/cancel", cancelJob(o.Team)),
		bare(http.MethodPost, "/jobs/:job_id/retry", retryJob(o.Team)),
	}
}

// billingRoutes are about plans and what is used of them.
func billingRoutes(o Options) []endpoint {
	onboarding := send(http.MethodPost, "/billing/onboard", onboard(o.Team))
	onboarding.wordy = true
	return []endpoint{
		onboarding,
		get("/billing/plan", getPlan(o.Team)),
		get("/usage", getUsage(o.Team)),
		with(AccessPublic, http.MethodGet, "/billing/pricing", getPricing(o.Team)),
		send(http.MethodPost, "/billing/checkout", checkout),
		send(http.MethodPost, "/billing/portal", portal),
		bare(http.MethodPost, "/billing/sync", syncBilling(o.Team)),
		with(AccessPublic, http.MethodPost, "/billing/webhook", webhook),
	}
}

// organizationRoutes are about the people who share a team.
func organizationRoutes(o Options) []endpoint {
	return []endpoint{
		get("/organization", getOrganization(o.Team)),
		send(http.MethodPatch, "/organization", renameOrganization(o.Team)),
		get("/organization/members", listMembers(o.Team)),
		send(http.MethodPatch, "/organization/members/:user_id", changeMember(o.Team)),
	}
}

// doorRoutes let people in and out.
func doorRoutes(o Options) []endpoint {
	claiming := with(AccessPublic, http.MethodPost, "/claim", claim(o.Door))
	claiming.body = true
	return []endpoint{
		with(AccessPublic, http.MethodGet, "/instance", getInstance(o.Door)),
		claiming,
		send(http.MethodPost, "/organization/members", inviteMember(o.Door)),
		bare(http.MethodDelete, "/organization/members/:user_id", removeMember(o.Door)),
		get("/sessions", listSessions(o.Door)),
		bare(http.MethodDelete, "/sessions", endOtherSessions(o.Door)),
		bare(http.MethodDelete, "/sessions/:session_id", endSession(o.Door)),
	}
}

// gmailRoutes are those of an integration this edition does not have.
func gmailRoutes() []endpoint {
	return []endpoint{
		get("/integrations/gmail/authorization-url", gmailMissing),
		send(http.MethodPost, "/integrations/gmail/exchange", gmailExchange),
		with(AccessPublic, http.MethodGet, "/integrations/gmail/callback", gmailCallback),
		get("/integrations/gmail/status", gmailStatus),
		bare(http.MethodPost, "/integrations/gmail/disconnect", gmailDisconnect),
	}
}

// internalRoutes are for workers outside the process.
func internalRoutes(o Options) []endpoint {
	post := func(path string, serve func(call) error) endpoint {
		e := with(AccessInternal, http.MethodPost, path, serve)
		e.body = true
		return e
	}
	return []endpoint{
		post("/internal/agent-result", agentResult(o.Team)),
		post("/internal/chat-status", chatStatus(o.Team)),
		large(post("/internal/chat-history", chatHistory(o.Team))),
	}
}

// socketRoutes open the live connection.
func socketRoutes(o Options) []endpoint {
	return []endpoint{
		free(with(AccessSocket, http.MethodGet, "/ws/:user_id", openSocket(o))),
		free(with(AccessSocket, http.MethodGet, "/ws", openSocket(o))),
		free(with(AccessSocket, http.MethodGet, "/websocket", openSocket(o))),
	}
}
