// Code generated from server/v1/openapi.yaml by `npm run api`. DO NOT EDIT.

export interface paths {
    "/v1/chats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your threads, the most recently active first
         * @description Direct threads with tmates you have dismissed are left out, after `limit` was applied, so fewer may come back. Team Chat is always listed.
         */
        get: operations["listChats"];
        put?: never;
        /**
         * Open your direct thread with a tmate
         * @description Makes the thread when it is missing; the answer is the same either way. Name the tmate in the query or, as an *addition*, in a body, which
         *     may also carry the first message. The query wins.
         */
        post: operations["createChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chats/{thread_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a thread
         * @description The newest messages, oldest of them first. Without `limit` there are up to 2000; a page also ends at 4 MiB. While a tmate is writing an answer to you and you have no
         *     socket open, the server may wait up to a few seconds for it before it answers.
         */
        get: operations["getChat"];
        put?: never;
        post?: never;
        /**
         * Delete a thread and its messages
         * @description Work in it is cancelled. The tmate stays hired; opening a thread with it again starts an empty one.
         */
        delete: operations["deleteChat"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chats/{thread_id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say how far you have read
         * @description An *addition*. The mark never goes back, and a `seq` above the newest message stands for the newest. Your sockets are told with a `thread_read`
         *     frame when the mark moves. Saying something in a thread marks it read up to that, without a frame of its own: your `new_message` tells it.
         */
        put: operations["readChat"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chats/{thread_id}/clear": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Empty a thread
         * @description Deletes all messages, cancels the work in it and lets its tmates forget what was said. The thread stays.
         */
        post: operations["clearChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chats/{thread_id}/session/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the subject
         * @description Begins a new session, in which tmates no longer think of what was said before. A system message marks the place.
         */
        post: operations["resetChatSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chats/{thread_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say something
         * @description Answers with your message as it was stored; what tmates say to it comes later, over the socket or when you read the thread. In Team Chat
         *     one tmate answers: whom you address by `@key` or name, else whom you were talking to, else whose work fits best. `stop` and `cancel` end work.
         */
        post: operations["sendChatMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/store": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See whom you can hire */
        get: operations["getAgentStore"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/manage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hire or dismiss a tmate
         * @description Hiring opens a direct thread and lets the tmate join Team Chat; dismissing ends its work and keeps the thread for the day you hire it again.
         */
        post: operations["manageAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/hire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hire a tmate
         * @description An *addition*, the same as `manage` with the action `add`.
         */
        post: operations["hireAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/dismiss": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Dismiss a tmate
         * @description An *addition*, the same as `manage` with the action `remove`.
         */
        post: operations["dismissAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/teammates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List whom the organization has hired */
        get: operations["listTeammates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Describe every installed tmate and what it is to you */
        get: operations["getAgentsMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_key}/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Describe one tmate and what it is to you */
        get: operations["getAgentMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/{agent_key}/memories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what a tmate remembers of you
         * @description An *addition*. Facts from all your conversations with the tmate, newest first; nobody else sees them. A tmate recalls in a conversation
         *     only what it was told there.
         */
        get: operations["listMemories"];
        put?: never;
        post?: never;
        /**
         * Let a tmate forget everything about you
         * @description An *addition*. Messages stay; clearing a thread forgets what was told in it, too.
         */
        delete: operations["deleteMemories"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find messages, threads, posts, files and tmates
         * @description An *addition*. Every word must occur, in any order and whatever the accents; the last one may be the beginning of a longer word, and quotes make words
         *     that must follow each other. Nothing that is typed is an error; without a word nothing is found. Found are messages of your own threads, your
         *     threads by their titles, your files by their names, posts of your organization and the tmates that the store shows you. Tmates, threads,
         *     files and posts come first, each with a fifth of `limit` at most when several kinds are asked for, then messages: those with the words in a row, each
         *     the newest first. A message is found as soon as it is stored.
         */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/memories/{memory_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Let a tmate forget one fact
         * @description An *addition*.
         */
        delete: operations["deleteMemory"];
        options?: never;
        head?: never;
        /**
         * Correct what a tmate remembers of you
         * @description An *addition*.
         */
        patch: operations["updateMemory"];
        trace?: never;
    };
    "/v1/agents/{agent_key}/permissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what a tmate may do
         * @description An *addition*. A tmate may use a tool when its manifest, your organization and your role all let it: `tools` tells what comes of that
         *     for you.
         */
        get: operations["getPermissions"];
        /**
         * Say what a tmate may do
         * @description An *addition*, for owners and admins. It holds for everybody in the organization, from the next turn on, and can only take away from what
         *     the tmate's manifest asks for. What is left out is not limited: `{}` takes every limit off.
         */
        put: operations["setPermissions"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/enabled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe the tmates that answer you now
         * @description Those that are hired and installed. Nobody hired is an empty list.
         */
        get: operations["getEnabledAgents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/platform": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe what is installed, to anybody
         * @description Needs no token. With one, manifests also say which environment variables a tmate wants.
         */
        get: operations["getPlatformAgents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tmates/template": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Begin a new tmate
         * @description An *addition*: a source that passes the check, as `tmates tmate new` writes it, with a key that is free as far as you may know. Nothing is kept.
         */
        get: operations["getTmateTemplate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tmates/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at the source of a tmate
         * @description An *addition*: what `tmates tmate lint` finds, by file, line and column. Nothing is kept, and that there are problems is no error. With `key` it is looked at as another version of that tmate, which was made here: 404 when there is none, 409 when it cannot be changed. Owners and admins of the server's organization are also told when the key of a new one is taken.
         */
        post: operations["checkTmate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tmates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a tmate
         * @description An *addition*, for owners and admins of the server's organization, not of a workspace of one's own. The key is the manifest's `slug`, else made of its `name`; 409 when it is taken. The tmate can be hired at once, by everybody on this server. With problems that are not only warnings nothing is kept. 503 when the folder of the tmates cannot be written.
         */
        post: operations["createTmate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tmates/{tmate_key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change a tmate made here
         * @description An *addition*, for owners and admins of the server's organization. Only tmates of origin `local` can be changed; any other is a 409. With `files` the ones that are not named go; without, all stay. What works now goes on with the old version. With problems that are not only warnings nothing changes.
         */
        put: operations["changeTmate"];
        post?: never;
        /**
         * Delete a tmate made here
         * @description An *addition*, for owners and admins of the server's organization. Only tmates of origin `local` can be deleted; any other is a 409. Everything in its folder goes. It answers nobody any more; conversations with it stay. A tmate of the program or the catalog with the same key is there again.
         */
        delete: operations["deleteTmate"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tmates/{tmate_key}/source": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read how a tmate is written
         * @description An *addition*: the manifest and the texts beside it, of every tmate you can hire or have hired.
         */
        get: operations["getTmateSource"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/catalog": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the catalog
         * @description Answers 503 unless the operator has connected a catalog. The last version that was fetched goes on working without a network.
         */
        get: operations["listCatalogAgents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents/catalog/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fetch the catalog anew
         * @description An *addition*, for owners and admins of the server's organization, not of a workspace of one's own. When fetching fails, what was fetched before stays.
         */
        post: operations["syncCatalogAgents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent-catalog": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the catalog, by its other name
         * @description An *addition*, the same as `/v1/agents/catalog`.
         */
        get: operations["listAgentCatalog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agent-catalog/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fetch the catalog anew, by its other name
         * @description An *addition*, the same as `/v1/agents/catalog/sync`.
         */
        post: operations["syncAgentCatalog"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the model providers
         * @description An *addition*. Nobody is contacted, and no key is told.
         */
        get: operations["listProviders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/local": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See where local services usually are
         * @description An *addition*. Nobody is contacted before you ask for it with `/v1/providers/detect`.
         */
        get: operations["listLocalPlaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/detect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look for services on the server's machine
         * @description An *addition*. Contacts the places of `/v1/providers/local`, each for at most three seconds.
         */
        post: operations["detectProviders"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask a service for its models
         * @description An *addition*. Takes a definition that need not be saved, or nothing but the `name` of a provider. 503 says that the service did not tell, and why.
         */
        post: operations["listProviderModels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a provider
         * @description An *addition*. Asks the service for its models, and the model for one token. Takes a definition that need not be saved, or nothing but the `name` of a provider. It can take minutes while a machine loads its model.
         */
        post: operations["testProvider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/default": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Choose who answers
         * @description An *addition*. Where the configuration names the default this is a 409.
         */
        put: operations["chooseProvider"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{provider_name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Test and save a provider
         * @description An *addition*. The definition replaces a saved one of that name at once; turns that run keep theirs. When the test fails nothing is saved, and 400 says why. Without `api_key` the key stays the saved one as long as type, scheme and host do. Providers of the configuration cannot be changed (409).
         */
        put: operations["saveProvider"];
        post?: never;
        /**
         * Forget a saved provider
         * @description An *addition*. Its key goes with it. Providers of the configuration cannot be removed (409).
         */
        delete: operations["removeProvider"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pinboard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List posts, the newest first */
        get: operations["listPinboardPosts"];
        put?: never;
        /**
         * Pin a post
         * @description Everybody in the organization sees it, and hears of it over the socket.
         */
        post: operations["createPinboardPost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pinboard/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a post */
        get: operations["getPinboardPost"];
        put?: never;
        post?: never;
        /**
         * Take a post down
         * @description An *addition*. You may delete what you have posted; owners and admins may delete every post.
         */
        delete: operations["deletePinboardPost"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your files, the newest first
         * @description The totals count every file, also those that `limit` cuts off.
         */
        get: operations["listFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * The same without the body
         * @description An *addition*.
         */
        head: operations["headFiles"];
        patch?: never;
        trace?: never;
    };
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What you may upload, and the room your files take
         * @description An *addition*.
         */
        get: operations["getUploads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload a file
         * @description Images, text, PDF, CSV, JSON and office documents, unless the operator allows other types. The server looks at the content, not only at the
         *     name. It makes up the stored name; yours is kept as `original_name`.
         */
        post: operations["uploadFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/download/{file_path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download one of your files */
        get: operations["downloadFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * Ask about one of your files
         * @description An *addition*.
         */
        head: operations["headFile"];
        patch?: never;
        trace?: never;
    };
    "/v1/files/view/{file_path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look at a file through a signed link
         * @description Needs no token but the link's own. Pictures and PDF are shown, everything else is offered as a download.
         */
        get: operations["viewFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * Ask about a file through a signed link
         * @description An *addition*.
         */
        head: operations["headView"];
        patch?: never;
        trace?: never;
    };
    "/v1/files/generate-view-url/{file_path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a signed link to a file
         * @description The link works for 24 hours, for everybody who has it.
         */
        post: operations["generateViewURL"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/{file_path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a file */
        delete: operations["deleteFile"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your jobs, the newest first
         * @description Every answer of a tmate is a job, so those of your conversations are here, too.
         */
        get: operations["listJobs"];
        put?: never;
        /**
         * Hand a tmate a job
         * @description For work outside a conversation. The tmate is asked `cli_args.message`, else `cli_args.prompt`, else `task`. With the id of one of your threads
         *     in `metadata.thread_id`, the result is posted there. The operator may limit how many unfinished jobs you have.
         */
        post: operations["enqueueJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Look at a job */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{job_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a job */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{job_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do the work of a job once more
         * @description An *addition*. A failed or cancelled job stays what it is; its work is queued as a new job, which is the answer. One that waits for another day is only
         *     looked at again. Others are a 409.
         */
        post: operations["retryJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See your profile */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change your name or picture */
        patch: operations["updateProfile"];
        trace?: never;
    };
    "/v1/profile/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See your profile, by its other name
         * @description An *addition*, the same as `/v1/profile`.
         */
        get: operations["getProfileMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change your name or picture, by its other name
         * @description An *addition*, the same as `/v1/profile`.
         */
        patch: operations["updateProfileMe"];
        trace?: never;
    };
    "/v1/settings/mobile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See your preferences */
        get: operations["getMobileSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change preferences
         * @description Turning `allow_notifications` off also turns off mentions, direct messages and team messages, unless the same request sets them.
         */
        patch: operations["updateMobileSettings"];
        trace?: never;
    };
    "/v1/settings/web": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See what you like of the web app
         * @description An *addition*, kept for all your devices.
         */
        get: operations["getWebSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change what you like of the web app
         * @description An *addition*, kept for all your devices. `theme` is the same as `theme_preference` of the preferences above.
         */
        patch: operations["updateWebSettings"];
        trace?: never;
    };
    "/v1/auth/user/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ask whether you have an organization yet */
        get: operations["getUserStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/organization": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See your organization
         * @description An *addition*.
         */
        get: operations["getOrganization"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Rename your organization
         * @description An *addition*, for owners and admins.
         */
        patch: operations["updateOrganization"];
        trace?: never;
    };
    "/v1/organization/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the people in your organization
         * @description An *addition*.
         */
        get: operations["listMembers"];
        put?: never;
        /**
         * Invite somebody
         * @description An *addition*, for owners and admins; only owners invite owners and admins. Makes the account and a link that logs it in, once, within
         *     seven days; nothing is mailed. Again, while nobody has logged in to the account, makes a new link and spends the old one.
         */
        post: operations["inviteMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/organization/members/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete somebody's account
         * @description An *addition*, for owners and admins; only owners remove owners and admins, and an organization keeps at least one owner. The account
         *     goes with its threads, jobs and files, and nothing brings them back; posts stay.
         */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /**
         * Change somebody's role
         * @description An *addition*, for owners and admins. An organization keeps at least one owner.
         */
        patch: operations["updateMember"];
        trace?: never;
    };
    "/v1/instance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask what this server is
         * @description An *addition*, for clients that nobody has logged in to yet.
         */
        get: operations["getInstance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Use a one-time link
         * @description An *addition*. The token is what follows `#/claim/` in a link of `tmates serve`, `tmates user claim-link` or an invitation. It makes the
         *     first account or logs the link's account in, once. A link that is wrong, used or too old answers 403; a mistake in the rest spends nothing.
         *     Tries are limited as those of a login are.
         */
        post: operations["claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List where you are logged in
         * @description An *addition*.
         */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /**
         * Log out everywhere else
         * @description An *addition*. Closes the sockets of those logins.
         */
        delete: operations["endOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End one login
         * @description An *addition*. Closes its sockets. It may be the one you ask with.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what the models read, wrote and cost
         * @description An *addition*. Owners and admins see their organization, members what they used themselves. Days are those of UTC.
         */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/billing/onboard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make sure you have everything you need
         * @description Profile, organization, a first tmate, its thread and Team Chat. All of it is there already when an account is made; asking again changes nothing.
         *     With `plan_key`, owners and admins choose the organization's plan.
         */
        post: operations["onboard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/billing/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See the plan, its limits and what was used */
        get: operations["getBillingPlan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/billing/pricing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the plans */
        get: operations["getPricing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/billing/checkout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay for a plan
         * @description Needs a payment provider; 503 without one.
         */
        post: operations["createCheckout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/billing/portal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Manage your payments
         * @description Needs a payment provider; 503 without one.
         */
        post: operations["createPortal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/billing/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the payment provider how things stand
         * @description Needs a payment provider; 503 without one.
         */
        post: operations["syncBilling"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/billing/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * For the payment provider
         * @description Needs a payment provider; 503 without one.
         */
        post: operations["billingWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/gmail/authorization-url": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Begin to connect Gmail
         * @description Answers 400 unless the operator has configured Google's credentials.
         */
        get: operations["gmailAuthorizationURL"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/gmail/exchange": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hand in the code Google gave you */
        post: operations["gmailExchange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/gmail/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where Google sends the browser back to */
        get: operations["gmailCallback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/gmail/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ask whether Gmail is connected */
        get: operations["gmailStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/integrations/gmail/disconnect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Forget the connection to Gmail */
        post: operations["gmailDisconnect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ws/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open your socket
         * @description Frames are JSON objects in text messages, at most 1 MiB. Send a `ClientFrame`; every socket you have open receives every `ServerFrame`, whichever
         *     thread it is about. Subscribe with `after` to be told what you missed since that `seq`, and with `stream` to see answers while they are written
         *     (both *additions*). The server closes with 1001 when it stops, 1008 when your login ends, and 1013 when you read too slowly.
         */
        get: operations["openWebSocket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open your socket, the token says who you are
         * @description An *addition*, the same as `/v1/ws/{user_id}`.
         */
        get: operations["openWebSocketBare"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/websocket": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open your socket, by its other name
         * @description An *addition*, the same as `/v1/ws`.
         */
        get: operations["openWebSocketNamed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/agent-result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand in what a tmate says
         * @description Answers 404 unless the operator has turned these paths on.
         */
        post: operations["internalAgentResult"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/chat-status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say what a tmate is doing
         * @description Answers 404 unless the operator has turned these paths on.
         */
        post: operations["internalChatStatus"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/chat-history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read what was said lately
         * @description Answers 404 unless the operator has turned these paths on.
         */
        post: operations["internalChatHistory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ask whether the server is up */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * The same without the body
         * @description An *addition*.
         */
        head: operations["headHealth"];
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether the server is up, by its other name
         * @description An *addition*, the same as `/health`.
         */
        get: operations["getHealthV1"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * The same without the body
         * @description An *addition*.
         */
        head: operations["headHealthV1"];
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether the server can keep what it is told
         * @description An *addition*. 503 while the database cannot be written. Asking writes nothing while all is well.
         */
        get: operations["getReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * The same without the body
         * @description An *addition*.
         */
        head: operations["headReady"];
        patch?: never;
        trace?: never;
    };
    "/v1/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether the server can keep what it is told, by its other name
         * @description An *addition*, the same as `/health/ready`.
         */
        get: operations["getReadyV1"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * The same without the body
         * @description An *addition*.
         */
        head: operations["headReadyV1"];
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read this document */
        get: operations["getOpenAPI"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read and try this document in a browser
         * @description Answers 404 when the operator has turned it off.
         */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/redoc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read this document in a browser
         * @description The same page without its buttons. Answers 404 when the operator has turned it off.
         */
        get: operations["getRedoc"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Error: {
            detail: string;
        };
        UnavailableError: {
            detail: string;
            /**
             * @description Only while the server starts
             * @constant
             */
            code?: 503;
            /**
             * @description Only while the server starts
             * @constant
             */
            error_code?: "service_unavailable";
            /** @description Only while the server starts */
            msg?: string;
        };
        ValidationError: {
            detail: {
                /** @description What kind of fault, for example missing, string_type, int_parsing, value_error or json_invalid */
                type: string;
                /** @description Where it is; body, query or path comes first, then names and indexes */
                loc: (string | number)[];
                msg: string;
                /** @description What was sent; null when all of it is missing */
                input: unknown;
                ctx?: {
                    [key: string]: unknown;
                };
            }[];
        };
        InlineError: {
            error: string;
        };
        Success: {
            /** @constant */
            success: true;
        };
        /**
         * Format: date-time
         * @description UTC; six fractional digits, or none when they would all be zero
         * @example 2026-11-22T12:54:27.030701Z
         */
        Timestamp: string;
        TimestampOrNull: components["schemas"]["Timestamp"] | null;
        /**
         * @description UTC with +00:00, as frames, payloads and metadata have it
         * @example 2026-11-22T12:54:27.030701+00:00
         */
        OffsetTimestamp: string;
        StringOrNull: string | null;
        /** @example 7b0f3c3e-2c1f-4f57-9a39-1f2f1a1c9d11 */
        ID: string;
        Json: {
            [key: string]: unknown;
        };
        /** @example adam */
        AgentKey: string;
        Links: {
            [key: string]: unknown;
        }[];
        ThreadCreate: {
            /** @description Key or name of a tmate you have hired */
            agent_key?: string | null;
            /** @description A first message */
            content?: string | null;
            attachments?: components["schemas"]["AttachmentInput"][];
            session_id?: string | null;
        };
        ThreadSummary: {
            id: components["schemas"]["ID"];
            title: string;
            /**
             * @description `group` is Team Chat; `agent_chat` stands on old direct threads
             * @enum {string}
             */
            kind: "agent" | "group" | "agent_chat";
            agent_keys: components["schemas"]["AgentKey"][];
            last_message_preview: string | null;
            last_activity: components["schemas"]["TimestampOrNull"];
            /** @description What others said since you read it, without resets and who came or went; counting stops at 1000 */
            unread_count: number;
            active_session_id: components["schemas"]["StringOrNull"];
            /** @description *Addition*: how far you have read */
            last_read_seq: number;
        };
        Thread: {
            id: components["schemas"]["ID"];
            title: string;
            /** @enum {string} */
            kind: "agent" | "group" | "agent_chat";
            agent_keys: components["schemas"]["AgentKey"][];
            last_message_preview: string | null;
            last_activity: components["schemas"]["TimestampOrNull"];
            unread_count: number;
            active_session_id: components["schemas"]["StringOrNull"];
            /** @description *Addition* */
            last_read_seq: number;
            messages: components["schemas"]["Message"][];
        };
        Attachment: {
            uri: string;
            /** @description Its media type */
            type: string | null;
            name: components["schemas"]["StringOrNull"];
            /** @description Its path in your folder */
            relative_path: string | null;
            download_url: components["schemas"]["StringOrNull"];
            size_bytes: number | null;
            width: number | null;
            height: number | null;
            duration: number | null;
        };
        AttachmentInput: {
            /** @example /v1/files/download/plan.pdf */
            uri: string;
            type?: string | null;
            name?: string | null;
            relative_path?: string | null;
            download_url?: string | null;
            size_bytes?: number | null;
            width?: number | null;
            height?: number | null;
            duration?: number | null;
        };
        /** @description As payloads and frames have it; what is unknown is left out */
        AttachmentSparse: {
            uri: string;
            type?: string;
            name?: string;
            relative_path?: string;
            download_url?: string;
            size_bytes?: number;
            width?: number;
            height?: number;
            duration?: number;
        };
        /** @description What else belongs to a message, for example session_id, agent_key, job_id, event or routing; a client reads what it knows */
        MessagePayload: {
            attachments?: components["schemas"]["AttachmentSparse"][];
            agent_key?: string;
            job_id?: string;
            /** @description On system messages, for example agent_join, agent_leave, agent_parked, session_reset or hop_budget */
            event?: string;
            /** @description The tmate was stopped in the middle of this reply */
            partial?: boolean;
            /**
             * @description Which limit ended the reply early
             * @enum {string}
             */
            stopped?: "token_limit" | "step_limit";
            /** @description *Addition*: the tools that were used for a reply, in order, the first 50 */
            steps?: {
                tool: string;
                /** @description What it does, for people */
                summary: string;
                /** @description False: it could not be called like that */
                ok: boolean;
                ms: number;
            }[];
            /** @description What the model was not shown for want of room in its window */
            left_out?: {
                [key: string]: unknown;
            };
            /** @description What the reply took of a model, with the cost when the model has a price; `estimated` when its service did not count */
            usage?: {
                [key: string]: unknown;
            };
            /** @description *Addition*: on what a person says in Team Chat, who answers and why; on the answer only `reason`, as a sentence */
            speaker?: {
                /** @description A guess while `undecided` is true */
                agent_key?: string;
                /**
                 * @example addressed by name
                 * @example matches: invoice, tax
                 */
                reason: string;
                how?: components["schemas"]["SpeakerHow"];
                score?: number;
                /** @description A model is being asked */
                undecided?: boolean;
                /** @description Keys of others that are addressed */
                also?: string[];
            };
            /** @description *Addition*: on an answer in Team Chat, why this tmate gave it */
            speaker_reason?: string;
            speaker_how?: components["schemas"]["SpeakerHow"];
            speaker_score?: number;
            /** @description *Addition*: on an answer to a colleague, its place in the chain of hand-overs that one message of a person began */
            hop?: {
                n: number;
                budget: number;
                /** @description Key of the tmate that handed over */
                from: string;
            };
            /** @description *Addition*: on an answer, the key of the colleague it hands over to */
            hands_to?: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * @description *Addition*: by what a tmate was chosen
         * @enum {string}
         */
        SpeakerHow: "address" | "follow-up" | "match" | "model" | "only" | "first";
        Message: {
            id: components["schemas"]["ID"];
            /** @enum {string} */
            role: "user" | "assistant" | "system";
            content: string;
            /** @description A name; null on system messages */
            author: string | null;
            created_at: components["schemas"]["TimestampOrNull"];
            payload: components["schemas"]["MessagePayload"];
            attachments: components["schemas"]["Attachment"][];
            session_id: components["schemas"]["StringOrNull"];
            /** @description *Addition*: grows with every message of this server; a socket resumes from it */
            seq: number;
            /** @description *Addition*: the name your client gave it, when it gave one */
            client_id?: string;
        };
        MessageCreate: {
            /** @description Trimmed; blank only when something is attached */
            content: string;
            /**
             * @description Accepted and dropped
             * @default {}
             */
            payload?: {
                [key: string]: unknown;
            };
            /** @default [] */
            attachments?: components["schemas"]["AttachmentInput"][];
            /** @default null */
            session_id?: string | null;
            /**
             * @description *Addition*: your own name for the message, and for no other one. Sending it again to the same thread answers with what is there and asks nobody twice.
             * @default null
             */
            client_id?: string | null;
        };
        ReadMarkInput: {
            /** @description Of the last message you have read */
            seq: number;
        };
        ReadMark: {
            thread_id: components["schemas"]["ID"];
            last_read_seq: number;
            unread_count: number;
        };
        SessionReset: {
            session_id: string;
            message: components["schemas"]["Message"];
        };
        Store: {
            available_agents: components["schemas"]["StoreAgent"][];
            /** @description Whom the organization has hired, installed or not */
            hired_count: number;
            available_count: number;
            /** @description Its name */
            organization: string;
            /**
             * @description `catalog` as soon as one entry comes from there
             * @enum {string}
             */
            source: "filesystem" | "catalog";
        };
        StoreAgent: {
            key: components["schemas"]["AgentKey"];
            name: string;
            description: string;
            /** @description A robot when the tmate brings none */
            icon: string;
            hired: boolean;
            /** @description Entries of the catalog only, as is what follows */
            category?: string | null;
            version?: components["schemas"]["StringOrNull"];
            status?: components["schemas"]["StringOrNull"];
            /**
             * @description *Addition*
             * @enum {string}
             */
            source: "filesystem" | "catalog";
            metadata?: {
                audience?: unknown;
                manifest?: {
                    [key: string]: unknown;
                } | null;
                published_at?: components["schemas"]["StringOrNull"];
                bundle_url?: components["schemas"]["StringOrNull"];
                bundle_checksum?: components["schemas"]["StringOrNull"];
                bundle_signature?: components["schemas"]["StringOrNull"];
                signature_algorithm?: components["schemas"]["StringOrNull"];
            };
        };
        ManageRequest: {
            /** @description Key or name of the tmate */
            agent_key: string;
            /** @enum {string} */
            action: "add" | "remove" | "hire" | "dismiss";
        } & {
            [key: string]: string;
        };
        HireRequest: {
            /** @description Key or name of the tmate */
            agent_key?: string;
            /** @description The same */
            key?: string;
        };
        Managed: {
            success: boolean;
            /** @enum {string} */
            action: "added" | "add_failed" | "removed" | "remove_failed";
            agent_key: components["schemas"]["AgentKey"];
            message: string;
        };
        Teammate: {
            key: components["schemas"]["AgentKey"];
            name: string;
            description: components["schemas"]["StringOrNull"];
            icon: components["schemas"]["StringOrNull"];
            detail_url: components["schemas"]["StringOrNull"];
            settings_url: components["schemas"]["StringOrNull"];
            metadata: {
                [key: string]: unknown;
            } | null;
        };
        Branding: {
            avatar_url?: components["schemas"]["StringOrNull"];
            emoji?: components["schemas"]["StringOrNull"];
            color?: components["schemas"]["StringOrNull"];
        } & {
            [key: string]: unknown;
        };
        AgentMetadata: {
            key: components["schemas"]["AgentKey"];
            name: string;
            description: string;
            icon: components["schemas"]["StringOrNull"];
            docs: components["schemas"]["StringOrNull"];
            manifest?: components["schemas"]["Json"];
            branding?: components["schemas"]["Branding"];
            ui?: components["schemas"]["Json"];
            settings?: components["schemas"]["Json"];
            /** @description Tmates of the catalog only, as is what follows */
            developer_website?: string;
            privacy_policy?: string;
            version?: string;
        };
        AgentMetadataWithAccess: {
            key: components["schemas"]["AgentKey"];
            name: string;
            description: string;
            icon: components["schemas"]["StringOrNull"];
            docs: components["schemas"]["StringOrNull"];
            manifest?: components["schemas"]["Json"];
            branding?: components["schemas"]["Branding"];
            ui?: components["schemas"]["Json"];
            settings?: components["schemas"]["Json"];
            /** @description Tmates of the catalog only, as are privacy_policy and version */
            developer_website?: string;
            privacy_policy?: string;
            version?: string;
            agent_key: components["schemas"]["AgentKey"];
            platform_available: boolean;
            user_enabled: boolean;
            can_use: boolean;
            /** @enum {string} */
            status: "available" | "not_enabled" | "not_installed";
            /** @description *Addition*, as is what follows; the same as user_enabled */
            hired: boolean;
            role: components["schemas"]["StringOrNull"];
            category: components["schemas"]["StringOrNull"];
            color: components["schemas"]["StringOrNull"];
            capabilities: string[] | null;
            detail_url: components["schemas"]["StringOrNull"];
            settings_url: components["schemas"]["StringOrNull"];
        };
        AgentsMetadata: {
            /** @description Everybody, sorted */
            platform_agents: components["schemas"]["AgentKey"][];
            user_enabled_agents: components["schemas"]["AgentKey"][];
            agents_metadata: {
                [key: string]: components["schemas"]["AgentMetadataWithAccess"];
            };
            platform_total: number;
            user_enabled_count: number;
            access_summary: {
                can_use: components["schemas"]["AgentKey"][];
                not_enabled: components["schemas"]["AgentKey"][];
                not_installed: components["schemas"]["AgentKey"][];
            };
        };
        EnabledAgents: {
            user_enabled_agents: components["schemas"]["AgentKey"][];
            usable_agents: components["schemas"]["AgentKey"][];
            agents_metadata: {
                [key: string]: components["schemas"]["AgentMetadataWithAccess"];
            };
            user_enabled_count: number;
            usable_count: number;
            unavailable_count: number;
        };
        PlatformAgents: {
            platform_agents: components["schemas"]["AgentKey"][];
            agents_metadata: {
                [key: string]: components["schemas"]["AgentMetadata"];
            };
            platform_total: number;
        };
        Catalog: {
            /** @enum {string} */
            environment: "dev" | "prod" | "production";
            agents: components["schemas"]["CatalogEntry"][];
            organization: {
                id: components["schemas"]["ID"];
                name: components["schemas"]["StringOrNull"];
            };
        };
        CatalogEntry: {
            key: components["schemas"]["AgentKey"];
            name: string;
            description: string;
            icon: components["schemas"]["StringOrNull"];
            category: components["schemas"]["StringOrNull"];
            version: components["schemas"]["StringOrNull"];
            status: components["schemas"]["StringOrNull"];
            hired: boolean;
            /** @description Only what the catalog says of the entry; absent when that is nothing */
            metadata?: {
                manifest?: components["schemas"]["Json"];
                audience?: unknown;
                published_at?: string;
                bundle_url?: string;
                bundle_checksum?: string;
                bundle_signature?: string;
                signature_algorithm?: string;
            };
        };
        CatalogSync: {
            added: number;
            updated: number;
            removed: number;
            unchanged: number;
            /** @description What could not be taken over */
            errors: string[];
        };
        PostAttachment: {
            url: string;
            label: components["schemas"]["StringOrNull"];
            type: components["schemas"]["StringOrNull"];
        };
        PostSource: {
            url: string;
            label: components["schemas"]["StringOrNull"];
        };
        Memory: {
            id: components["schemas"]["ID"];
            /** @description Who remembers it */
            agent_key: string;
            content: string;
            thread_id: components["schemas"]["ID"];
            /** @description The conversation it was told in; a reset begins another */
            session_id: string;
            /** @description The message it was told in */
            message_id: string | null;
            /** @description Rises with every memory of the server */
            seq: number;
            created_at: components["schemas"]["TimestampOrNull"];
        };
        /** @enum {string} */
        FoundKind: "tmate" | "thread" | "file" | "post" | "message";
        Finding: {
            kind: components["schemas"]["FoundKind"];
            /** @description A file's is its path, a tmate's its key */
            id: string;
            /** @description Of threads and messages */
            thread_id: string | null;
            /** @description The title of the thread or post, the file's or tmate's name */
            title: string;
            /** @description Of messages and posts */
            author: string | null;
            /** @description Plain text on one line; not HTML */
            snippet: components["schemas"]["SnippetPart"][];
            /** @description Of messages */
            seq: number | null;
            /** @description Of posts */
            slug: string | null;
            /** @description Of files */
            path: string | null;
            /** @description Of tmates */
            key: string | null;
            created_at: components["schemas"]["TimestampOrNull"];
        };
        SnippetPart: {
            text: string;
            /** @description True on what was searched for, else left out */
            match?: boolean;
        };
        SearchAnswer: {
            /** @description As it was sent */
            query: string;
            items: components["schemas"]["Finding"][];
        };
        Memories: {
            memories: components["schemas"]["Memory"][];
            /** @description `before` of the next page; null on the last one */
            next_before: number | null;
        };
        MemoryUpdate: {
            /** @description Trimmed */
            content: string;
        };
        /**
         * @description From the least: it computes, reads what you may see, keeps something for you, shows something to others, makes others work
         * @enum {string}
         */
        Risk: "none" | "read" | "write" | "share" | "spend";
        Permissions: {
            agent_key: string;
            /** @description The only tools it may use; null means all */
            allow: string[] | null;
            /** @description Tools it may not use, whatever `allow` says */
            deny: string[];
            member_risk: components["schemas"]["Risk"];
            updated_at: components["schemas"]["TimestampOrNull"];
            /** @description You may change this */
            can_edit: boolean;
            tools: components["schemas"]["ToolPermission"][];
        };
        ToolPermission: {
            name: string;
            description: string;
            risk: components["schemas"]["Risk"];
            /** @description It may use the tool when it works for you */
            allowed: boolean;
            /** @enum {string|null} */
            blocked_by: "manifest" | "owner" | "role" | null;
        };
        PermissionsUpdate: {
            /** @default null */
            allow?: string[] | null;
            /** @default null */
            deny?: string[] | null;
            /**
             * @description The most that turns of members may risk, who are neither owner nor admin
             * @default spend
             * @enum {string|null}
             */
            member_risk?: "none" | "read" | "write" | "share" | "spend" | null;
        };
        /** @enum {string} */
        SourceFileName: "rules.yaml" | "prompts/brain/system.txt" | "prompts/brain/cognition.txt" | "prompts/brain/affect.txt" | "prompts/brain/behavior.txt";
        SourceFile: {
            name: components["schemas"]["SourceFileName"];
            /** @description At most 256 KiB */
            content: string;
        };
        TmateSource: {
            /** @description The text of manifest.yaml, at most 256 KiB */
            manifest: string;
            /** @description Rules and prompts; not sent: those that are there stay */
            files?: components["schemas"]["SourceFile"][] | null;
        };
        TmateCheck: {
            /** @description Of the tmate that this is another version of */
            key?: string | null;
            manifest: string;
            files?: components["schemas"]["SourceFile"][] | null;
        };
        TmateDraft: {
            key: components["schemas"]["AgentKey"];
            manifest: string;
            files: components["schemas"]["SourceFile"][];
        };
        TmateSourceRead: {
            key: components["schemas"]["AgentKey"];
            manifest: string;
            files: components["schemas"]["SourceFile"][];
            /**
             * @description It comes with the program, is a folder of this server, or others publish it
             * @enum {string}
             */
            origin: "builtin" | "local" | "catalog";
            /** @description You may change and delete it */
            editable: boolean;
        };
        SourceProblem: {
            /** @description manifest.yaml or one of the other files; empty when it is about none of them */
            file: string;
            /** @description From 1; 0 when it is about the whole file */
            line: number;
            /** @description From 1; 0 when unknown */
            column: number;
            /**
             * @description With a warning the tmate works
             * @enum {string}
             */
            level: "error" | "warning";
            message: string;
        };
        MadeTmate: {
            key: components["schemas"]["AgentKey"];
            name: string;
            description: string;
            role: components["schemas"]["StringOrNull"];
            category: components["schemas"]["StringOrNull"];
            icon: components["schemas"]["StringOrNull"];
            color: components["schemas"]["StringOrNull"];
            greeting: components["schemas"]["StringOrNull"];
            capabilities: string[];
            starters: string[];
        };
        CheckedTmate: {
            /** @description There is no error among the problems */
            ok: boolean;
            problems: components["schemas"]["SourceProblem"][];
            /** @description null while the source cannot be a tmate */
            tmate: components["schemas"]["MadeTmate"] | null;
        };
        RefusedSource: components["schemas"]["ValidationError"] | {
            detail: components["schemas"]["SourceProblem"][];
        };
        Post: {
            id: components["schemas"]["ID"];
            title: string;
            slug: string;
            excerpt: string | null;
            /** @description Markdown */
            content_md: string | null;
            /** @description null when a person wrote it */
            author_agent_key: string | null;
            author_display: components["schemas"]["StringOrNull"];
            cover_url: components["schemas"]["StringOrNull"];
            /** @enum {string} */
            priority: "low" | "normal" | "high" | "urgent";
            created_at: components["schemas"]["TimestampOrNull"];
            updated_at: components["schemas"]["TimestampOrNull"];
            attachments: components["schemas"]["PostAttachment"][];
            sources: components["schemas"]["PostSource"][];
        };
        PostCreate: {
            /** @description Trimmed */
            title: string;
            /** @description Markdown */
            content_md: string;
            /**
             * @description Made from the text when it is missing
             * @default null
             */
            excerpt?: string | null;
            /**
             * @description A tmate you have hired; you are the author when it is missing
             * @default null
             */
            author_agent_key?: string | null;
            /** @default null */
            cover_url?: string | null;
            /**
             * @description `low`, `normal`, `high` or `urgent`; a number means `normal`
             * @default null
             */
            priority?: number | string | null;
            /** @default null */
            attachments?: {
                [key: string]: unknown;
            }[] | null;
            /** @default null */
            sources?: {
                [key: string]: unknown;
            }[] | null;
        };
        File: {
            name: string;
            /** @description With slashes, not encoded */
            relative_path: string;
            size: number;
            /**
             * @example 3 B
             * @example 1.5 KB
             */
            size_display: string;
            modified: components["schemas"]["Timestamp"];
            modified_display: string;
            modified_iso: string | null;
            download_url: string;
            /** @description *Addition*: the name it had when it was uploaded */
            original_name?: string | null;
        };
        FileListing: {
            files: components["schemas"]["File"][];
            total_count: number;
            total_size: number;
            /** @description null when there are no files */
            total_size_display: string | null;
            has_more: boolean;
            limit: number;
        };
        Uploads: {
            /** @description Bytes of one file */
            max_size: number;
            /** @description Categories such as `images`, media types, or kinds such as `audio/*` */
            allow: string[];
            /** @description Bytes of all your files together; null when there is no limit */
            quota: number | null;
            /** @description Bytes your files take */
            used: number;
        };
        FileUploaded: {
            /** @constant */
            success: true;
            file: {
                /** @description The name the server made up */
                file_name: string;
                relative_path: string;
                download_url: string;
                mime_type: string;
                size: number;
                /** @description *Addition*: the name you gave it */
                original_name?: string | null;
            };
        };
        FileDeleted: {
            /** @constant */
            success: true;
            message: string;
        };
        ViewURL: {
            /** @description Relative to this server */
            view_url: string;
            /** @description Unix seconds */
            expires_at: number;
        };
        JobCreate: {
            /** @description Key or name of a tmate you have hired */
            agent_key: string;
            /** @default null */
            task?: string | null;
            /** @default {} */
            cli_args?: {
                [key: string]: unknown;
            };
            /**
             * @description Kept with the job, and applied to nothing
             * @default {}
             */
            env_overrides?: {
                [key: string]: string;
            };
            /**
             * @description One value becomes a list; values become text
             * @default []
             */
            extra_args?: unknown[] | string | number | boolean | null;
            /** @default {} */
            metadata?: {
                [key: string]: unknown;
            };
        };
        Job: {
            id: components["schemas"]["ID"];
            auth_user_id: components["schemas"]["StringOrNull"];
            agent_key: components["schemas"]["AgentKey"];
            /**
             * @description `running` also while a next try is waited for
             * @enum {string}
             */
            status: "queued" | "running" | "succeeded" | "failed" | "cancelled" | "cancelling";
            payload: components["schemas"]["Json"];
            metadata: components["schemas"]["Json"];
            result: {
                [key: string]: unknown;
            } | null;
            error: {
                [key: string]: unknown;
            } | null;
            progress: number | null;
            created_at: components["schemas"]["TimestampOrNull"];
            updated_at: components["schemas"]["TimestampOrNull"];
            started_at: components["schemas"]["TimestampOrNull"];
            finished_at: components["schemas"]["TimestampOrNull"];
        };
        Profile: {
            id: components["schemas"]["ID"];
            email: components["schemas"]["StringOrNull"];
            display_name: components["schemas"]["StringOrNull"];
            avatar_url: components["schemas"]["StringOrNull"];
            /**
             * @description In the organization
             * @enum {string|null}
             */
            role: "owner" | "admin" | "member" | null;
        };
        /** @description At least one that is neither null nor blank */
        ProfileUpdate: {
            display_name?: string | null;
            /** @description http or https */
            avatar_url?: string | null;
            /** @description Only the one you have; it changes through the login */
            email?: string | null;
        };
        Settings: {
            allow_notifications: boolean;
            mentions: boolean;
            direct_messages: boolean;
            team_messages: boolean;
            usage_analytics: boolean;
            crash_reports: boolean;
            /** @enum {string} */
            theme_preference: "system" | "light" | "dark";
        };
        WebSettings: {
            /** @enum {string} */
            theme: "system" | "light" | "dark";
            /** @enum {string} */
            language: "system" | "en" | "de";
            /** @enum {string} */
            send_with: "enter" | "ctrl_enter";
            notifications: boolean;
            checklist_dismissed: boolean;
        };
        /** @description At least one that is not null. A switch may also be said as 1 or 0, yes or no, on or off, t or f, y or n. */
        WebSettingsUpdate: {
            /** @enum {string|null} */
            theme?: "system" | "light" | "dark" | null;
            /** @enum {string|null} */
            language?: "system" | "en" | "de" | null;
            /** @enum {string|null} */
            send_with?: "enter" | "ctrl_enter" | null;
            notifications?: boolean | string | number | null;
            checklist_dismissed?: boolean | string | number | null;
        };
        /** @description At least one that is not null. A switch may also be said as 1 or 0, yes or no, on or off, t or f, y or n. */
        SettingsUpdate: {
            allow_notifications?: boolean | string | number | null;
            mentions?: boolean | string | number | null;
            direct_messages?: boolean | string | number | null;
            team_messages?: boolean | string | number | null;
            usage_analytics?: boolean | string | number | null;
            crash_reports?: boolean | string | number | null;
            /** @description `system`, `light` or `dark` */
            theme_preference?: string | null;
        };
        UserStatus: {
            hasOrganization: boolean;
            organizationId: components["schemas"]["StringOrNull"];
            userId: components["schemas"]["ID"];
        };
        Provider: {
            name: string;
            /** @enum {string} */
            type: "openai" | "azure" | "ollama" | "anthropic" | "replay";
            /** @description Host and port */
            host: string | null;
            /** @description null while nobody has chosen one */
            model: string | null;
            /**
             * @description Only saved ones can be changed here
             * @enum {string}
             */
            source: "config" | "saved";
            /** @description Whether it answers for tmates that name nobody else */
            default: boolean;
            key_set: boolean;
            /** @description Whether it is shown pictures */
            vision: boolean;
            /** @description Tokens */
            context_window: number;
            /** @description Requests at a time */
            concurrency: number;
            /** @description Why it cannot be asked */
            problem: string | null;
            /** @description How its last turn ended, since the server started */
            last_use: {
                at: components["schemas"]["TimestampOrNull"];
                problem: string | null;
            } | null;
        };
        Providers: {
            /** @description null while no model is connected */
            default: string | null;
            providers: components["schemas"]["Provider"][];
        };
        Place: {
            /** @description Of the program */
            name: string;
            /** @enum {string} */
            type: "openai" | "ollama";
            base_url: string;
        };
        Places: {
            places: components["schemas"]["Place"][];
        };
        FoundPlaces: {
            places: {
                /** @description Of the program */
                name: string;
                /** @enum {string} */
                type: "openai" | "ollama";
                base_url: string;
                answers: boolean;
                models: string[];
                problem: string | null;
            }[];
        };
        /** @description What is left out is left to the type, or to the service */
        ProviderDraft: {
            /** @description Of a provider: alone, for that one as it is; with more, for its key and address, which need not be repeated. Not read when saving. */
            name?: string | null;
            /** @enum {string|null} */
            type?: "openai" | "azure" | "ollama" | "anthropic" | null;
            /** @description http or https. May be on the server's own machine or network, but not link-local. */
            base_url?: string | null;
            api_key?: string | null;
            model?: string | null;
            /** @description For azure */
            deployment?: string | null;
            /** @description For azure */
            api_version?: string | null;
            temperature?: number | null;
            /** @enum {string|null} */
            effort?: "low" | "medium" | "high" | "" | null;
            max_output_tokens?: number | null;
            /** @description Tokens */
            context_window?: number | null;
            vision?: boolean | null;
            concurrency?: number | null;
        };
        ProviderChoice: {
            name: string;
        };
        ProviderModels: {
            models: string[];
        };
        ProviderTest: {
            ok: boolean;
            /** @description What failed and what to do about it */
            problem: string | null;
            models: string[];
            prompt_tokens: number;
            completion_tokens: number;
            duration_ms: number;
        };
        ProviderSaved: {
            provider: components["schemas"]["Provider"];
            test: components["schemas"]["ProviderTest"];
        };
        Organization: {
            id: components["schemas"]["ID"];
            name: string;
            type: string;
            /**
             * @description Yours
             * @enum {string}
             */
            role: "owner" | "admin" | "member";
            member_count: number;
            created_at: components["schemas"]["TimestampOrNull"];
        };
        OrganizationUpdate: {
            /** @description Trimmed */
            name: string;
        };
        Member: {
            user_id: components["schemas"]["ID"];
            email: string;
            display_name: string;
            avatar_url: components["schemas"]["StringOrNull"];
            /** @enum {string} */
            role: "owner" | "admin" | "member";
            joined_at: components["schemas"]["TimestampOrNull"];
        };
        Members: {
            members: components["schemas"]["Member"][];
        };
        MemberUpdate: {
            /** @enum {string} */
            role: "owner" | "admin" | "member";
        };
        Invitation: {
            email: string;
            /** @default null */
            name?: string | null;
            /** @enum {string} */
            role: "owner" | "admin" | "member";
        };
        Invited: {
            member: components["schemas"]["Member"];
            /** @description Logs that person in, once: hand it over where nobody else reads */
            link: string;
            /** Format: date-time */
            expires_at: string;
        };
        Instance: {
            /** @description Of the organization; `Tmates` before there is one */
            name: string;
            version: string;
            /** @description An account exists */
            claimed: boolean;
            /** @description The data is made up and goes when the server ends */
            demo: boolean;
            /** @description Login codes can be mailed */
            mail: boolean;
        };
        Claim: {
            token: string;
            /**
             * @description Of the first account. For another link leave it out, or name the link's account.
             * @default null
             */
            email?: string | null;
            /** @default null */
            name?: string | null;
            /**
             * @description A new password ends every other login of the account
             * @default null
             */
            password?: string | null;
        };
        LoginSession: {
            access_token: string;
            /** @enum {string} */
            token_type: "bearer";
            /** @description In seconds */
            expires_in: number;
            /** @description In Unix seconds */
            expires_at: number;
            refresh_token: string;
            user: {
                id: components["schemas"]["ID"];
                email: string;
            } & {
                [key: string]: unknown;
            };
        };
        Sessions: {
            sessions: {
                id: components["schemas"]["ID"];
                created_at: components["schemas"]["TimestampOrNull"];
                last_used_at: components["schemas"]["TimestampOrNull"];
                user_agent: string;
                ip: string;
                /** @description The login you ask with */
                current: boolean;
            }[];
        };
        Usage: {
            /** @enum {string} */
            by: "tmate" | "model" | "day";
            since: components["schemas"]["TimestampOrNull"];
            /** @description Of the operator's rate sheet; null when no model has a price */
            currency: string | null;
            /** @enum {string} */
            scope: "organization" | "own";
            items: {
                /** @description A tmate's key, a model (empty when no model was asked) or a day */
                key: string;
                jobs: number;
                actions: number;
                prompt_tokens: number;
                completion_tokens: number;
                cost: number | null;
            }[];
        };
        OnboardRequest: {
            /** @default null */
            email?: string | null;
            /** @default null */
            display_name?: string | null;
            /** @default null */
            organization_name?: string | null;
            /** @default null */
            plan_key?: string | null;
            /**
             * @description `annual`, `annually` or `yearly`; everything else is monthly
             * @default monthly
             */
            billing_interval?: string | null;
        };
        OrganizationSummary: {
            id: components["schemas"]["ID"];
            name: components["schemas"]["StringOrNull"];
            type: components["schemas"]["StringOrNull"];
            settings: components["schemas"]["Json"];
        };
        SubscriptionSummary: {
            organization_id: components["schemas"]["ID"];
            plan_key: components["schemas"]["StringOrNull"];
            status: components["schemas"]["StringOrNull"];
            billing_interval: components["schemas"]["StringOrNull"];
            stripe_customer_id: components["schemas"]["StringOrNull"];
            stripe_subscription_id: components["schemas"]["StringOrNull"];
            provider: components["schemas"]["StringOrNull"];
        };
        Onboarded: {
            profile: components["schemas"]["Profile"];
            organization: components["schemas"]["OrganizationSummary"] | null;
            subscription: components["schemas"]["SubscriptionSummary"] | null;
        };
        Plan: {
            plan_key: string;
            plan_name: string;
            category: components["schemas"]["StringOrNull"];
            /** @enum {string} */
            status: "active" | "trialing" | "past_due" | "incomplete" | "incomplete_expired" | "canceled" | "unpaid" | "paused" | "unknown";
            billing_interval: string;
            provider: string;
            /** @description null is no limit */
            limits: {
                max_agents: number | null;
                monthly_actions: number | null;
                monthly_tokens: number | null;
                max_members: number | null;
            };
            usage: {
                actions_used: number;
                actions_quota: number | null;
                actions_remaining: number | null;
                tokens_used: number;
                tokens_quota: number | null;
                tokens_remaining: number | null;
            };
            period_start: components["schemas"]["TimestampOrNull"];
            period_end: components["schemas"]["TimestampOrNull"];
            trial_end: components["schemas"]["TimestampOrNull"];
            cancel_at_period_end: boolean;
            cancel_at: components["schemas"]["TimestampOrNull"];
            canceled_at: components["schemas"]["TimestampOrNull"];
            ended_at: components["schemas"]["TimestampOrNull"];
            /** @description Whether limits are enforced */
            billing_enabled: boolean;
        };
        Pricing: {
            plans: {
                key: string;
                name: string;
                description: components["schemas"]["StringOrNull"];
                category: string;
                stripe_product_id: components["schemas"]["StringOrNull"];
                stripe_price_monthly_id: components["schemas"]["StringOrNull"];
                stripe_price_yearly_id: components["schemas"]["StringOrNull"];
                limits: components["schemas"]["Json"];
                metadata: components["schemas"]["Json"];
                sort_order: number;
            }[];
        };
        CheckoutRequest: {
            plan_key: string;
            /**
             * @description `monthly`, `annual`, `annually` or `yearly`
             * @default monthly
             */
            billing_interval?: string | null;
            /** @default null */
            success_url?: string | null;
            /** @default null */
            cancel_url?: string | null;
            /** @default 1 */
            quantity?: number;
        };
        Checkout: {
            checkout_url: string;
            session_id: string;
        };
        Portal: {
            url: string;
        };
        WebhookHeard: {
            processed: boolean;
            /** @constant */
            status?: "duplicate";
        };
        GmailAuthorization: {
            authorization_url: string;
            state: string;
        };
        GmailExchange: {
            code: string;
            state: string;
        };
        GmailConnected: {
            /** @constant */
            connected: true;
            profile: {
                email_address: string;
                threads_total: number;
                messages_total: number;
            };
        };
        GmailStatus: {
            connected: boolean;
            email: components["schemas"]["StringOrNull"];
            updated_at: components["schemas"]["StringOrNull"];
            scopes: string[] | null;
        };
        AgentResult: {
            job_id: string;
            agent_key: string;
            user_id: string;
            /** @description What the tmate says */
            result_data: string;
            /**
             * @description Only `chat`
             * @default chat
             */
            task_type?: string;
            /** @default {} */
            metadata?: {
                /** @description Where it says so; needed */
                thread_id?: string;
                session_id?: string;
                parameters_text?: unknown;
                next_status?: {
                    status?: string;
                    data?: {
                        [key: string]: unknown;
                    };
                };
            } & {
                [key: string]: unknown;
            };
            /**
             * @description Whether more will come
             * @default false
             */
            intermediate?: boolean;
            /** @default null */
            attachments?: {
                [key: string]: unknown;
            }[] | null;
        };
        AgentResultTaken: {
            /** @constant */
            status: "success";
            message_id: components["schemas"]["ID"];
            job_id: string;
        };
        AgentStatus: {
            /** @default null */
            job_id?: string | null;
            agent_key: string;
            user_id: string;
            thread_id: string;
            /** @default agent_typing */
            status?: string;
            /** @default null */
            stage?: string | null;
            /** @default null */
            status_message?: string | null;
            /** @default null */
            progress?: number | null;
            /** @default {} */
            extra?: {
                [key: string]: unknown;
            };
        };
        StatusTaken: {
            /** @constant */
            status: "accepted";
        };
        HistoryRequest: {
            /** @default null */
            job_id?: string | null;
            agent_key: string;
            user_id: string;
            thread_id: string;
            /**
             * @description Brought between 1 and 2000
             * @default 10
             */
            limit?: number;
        };
        History: {
            thread_id: string;
            messages: {
                id: components["schemas"]["ID"];
                /** @enum {string} */
                role: "user" | "assistant" | "system";
                author: components["schemas"]["StringOrNull"];
                content: string;
                created_at: components["schemas"]["OffsetTimestamp"] | null;
                attachments: components["schemas"]["AttachmentSparse"][];
            }[];
        };
        /** @description What you may send over the socket. Frames of another type are ignored. */
        ClientFrame: {
            /** @constant */
            type: "ping";
        } | {
            /** @constant */
            type: "subscribe";
            thread_id: string;
            /** @description *Addition*: the last `seq` you have seen */
            after?: number;
            /** @description *Addition*: show answers while they are written */
            stream?: boolean;
        } | {
            /** @constant */
            type: "send_message";
            thread_id: string;
            content: string;
            attachments?: components["schemas"]["AttachmentInput"][];
            session_id?: string | null;
            /** @description *Addition*: your own name for it, sent back. A text of up to 64 characters also keeps the message from being said twice: use each for one message only. */
            client_id?: string | number;
        };
        /** @description What the socket tells you */
        ServerFrame: components["schemas"]["MessageFrame"] | components["schemas"]["ReadFrame"] | components["schemas"]["StatusFrame"] | components["schemas"]["DeltaFrame"] | components["schemas"]["ResetFrame"] | components["schemas"]["PostFrame"] | components["schemas"]["PostDeletedFrame"] | components["schemas"]["FileFrame"] | components["schemas"]["PongFrame"] | components["schemas"]["SubscribedFrame"] | components["schemas"]["ResyncFrame"] | components["schemas"]["SentFrame"] | components["schemas"]["ErrorFrame"];
        /** @description Somebody said something */
        MessageFrame: {
            /** @constant */
            type: "new_message";
            thread_id: components["schemas"]["ID"];
            message: {
                id: components["schemas"]["ID"];
                /** @enum {string} */
                role: "user" | "assistant" | "system";
                content: string;
                author: components["schemas"]["StringOrNull"];
                created_at: components["schemas"]["OffsetTimestamp"];
                attachments: components["schemas"]["AttachmentSparse"][];
                payload: components["schemas"]["MessagePayload"];
                session_id: components["schemas"]["StringOrNull"];
                seq: number;
                /** @description *Addition* */
                client_id?: string;
            };
        };
        /** @description *Addition*: you have read a thread, perhaps on another device */
        ReadFrame: {
            /** @constant */
            type: "thread_read";
            thread_id: components["schemas"]["ID"];
            last_read_seq: number;
            unread_count: number;
        };
        /**
         * @description A tmate began, went on, ended or failed. `agent_processing_completed` ends the turn. Workers may add properties of their own.
         *     *Addition*: `agent_routing`, without `agent`, says that it is being decided who answers in Team Chat; the `agent_typing` of that job follows.
         */
        StatusFrame: {
            /** @constant */
            type: "chat_status";
            thread_id: components["schemas"]["ID"];
            /**
             * @example agent_typing
             * @example agent_routing
             * @example agent_processing_completed
             * @example agent_processing_error
             * @example agent_error
             * @example agent_cancelled
             */
            status: string;
            agent?: string;
            job_id?: string;
            stage?: string;
            status_message?: string;
            progress?: number;
            attempt?: number;
            error?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description *Addition*: the next piece of an answer, for who subscribed with `stream` */
        DeltaFrame: {
            /** @constant */
            type: "message_delta";
            thread_id: components["schemas"]["ID"];
            job_id: components["schemas"]["ID"];
            agent: components["schemas"]["AgentKey"];
            /** @description Code points that came before, in this attempt */
            offset: number;
            text: string;
        };
        /** @description *Addition*: the answer begins anew; forget the pieces */
        ResetFrame: {
            /** @constant */
            type: "message_reset";
            thread_id: components["schemas"]["ID"];
            job_id: components["schemas"]["ID"];
            agent: components["schemas"]["AgentKey"];
        };
        /** @description Somebody pinned something */
        PostFrame: {
            /** @constant */
            type: "pinboard_post";
            post: {
                id: components["schemas"]["ID"];
                slug: string;
                title: string;
                excerpt: components["schemas"]["StringOrNull"];
                content_md: components["schemas"]["StringOrNull"];
                author_agent_key: components["schemas"]["StringOrNull"];
                cover_url: components["schemas"]["StringOrNull"];
                /** @enum {string} */
                priority: "low" | "normal" | "high" | "urgent";
                attachments: components["schemas"]["Links"];
                sources: components["schemas"]["Links"];
                created_at: components["schemas"]["OffsetTimestamp"];
                updated_at: components["schemas"]["OffsetTimestamp"];
                organization_id: string;
                user_id: string;
            };
        };
        /** @description *Addition*: a post was taken down */
        PostDeletedFrame: {
            /** @constant */
            type: "pinboard_post_deleted";
            id: components["schemas"]["ID"];
            slug: string;
        };
        /** @description A tmate stored a file for you */
        FileFrame: {
            /** @constant */
            type: "file_generated";
            file: {
                file_name: string;
                relative_path: string;
                download_url: string;
                mime_type: string;
                size: number;
            };
        };
        PongFrame: {
            /** @constant */
            type: "pong";
        };
        SubscribedFrame: {
            /** @constant */
            type: "subscribed";
            /** @description As you sent it */
            thread_id: unknown;
            resolved_thread_id?: components["schemas"]["ID"];
            /** @description *Addition*: the newest `seq` of the thread */
            last_seq?: number;
        };
        /** @description *Addition*: you missed more than 500 messages; read the thread anew */
        ResyncFrame: {
            /** @constant */
            type: "resync";
            thread_id: string;
        };
        SentFrame: {
            /** @constant */
            type: "message_sent";
            thread_id: string;
            resolved_thread_id?: components["schemas"]["ID"];
            message_id: components["schemas"]["ID"];
            client_id?: string | number;
        };
        ErrorFrame: {
            /** @constant */
            type: "error";
            message: string;
            error?: string;
            client_id?: string | number;
        };
    };
    responses: {
        /** @description The request makes no sense here; `detail` says why */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description No access token, or one that is not good any more */
        Unauthorized: {
            headers: {
                "WWW-Authenticate": "Bearer";
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The plan allows no more of it; only where the operator has turned billing on, or limits storage */
        PlanLimit: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description You may not */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description There is no such thing, or it is not yours; or your account was deleted a moment ago */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description Not as things stand */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The file has changed */
        PreconditionFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The body is too large */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The file has no such part */
        BadRange: {
            headers: {
                "Content-Range"?: string;
                [name: string]: unknown;
            };
            content: {
                "*/*": unknown;
            };
        };
        /** @description The request does not fit this document; every fault is listed */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ValidationError"];
            };
        };
        /** @description The source of the tmate has problems, or the request does not fit this document; everything is listed */
        RefusedSource: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["RefusedSource"];
            };
        };
        /** @description Too much at a time */
        TooMany: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description The server failed; its log says why */
        Internal: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description Not now, or not configured */
        Unavailable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["UnavailableError"];
            };
        };
        /** @description This is no WebSocket handshake */
        NoHandshake: {
            headers: {
                "Sec-WebSocket-Version": "13";
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A token that is missing, not good or somebody else's (then the body is empty), or a page of a foreign origin */
        SocketRefused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description You have it already */
        NotModified: {
            headers: {
                ETag: string;
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The file */
        FileBytes: {
            headers: {
                "Content-Disposition": string;
                ETag: string;
                "Last-Modified": string;
                "Accept-Ranges": "bytes";
                "X-Content-Type-Options": "nosniff";
                [name: string]: unknown;
            };
            content: {
                "*/*": unknown;
            };
        };
        /** @description The part of the file that was asked for */
        FilePart: {
            headers: {
                "Content-Range": string;
                [name: string]: unknown;
            };
            content: {
                "*/*": unknown;
            };
        };
        /** @description All is well */
        Healthy: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    status: "ok";
                };
            };
        };
        /** @description A page */
        Page: {
            headers: {
                ETag: string;
                "Content-Security-Policy": string;
                [name: string]: unknown;
            };
            content: {
                "text/html": string;
            };
        };
    };
    parameters: {
        /** @description A UUID, `team:all`, `group:all` or `agent:<key>` */
        ThreadID: string;
        JobID: string;
        Slug: string;
        /** @description A lower-case letter, then at most 31 of a-z, 0-9 and _ */
        ProviderName: string;
        /** @description Key of a tmate that works for your organization, or did */
        AgentKey: string;
        /** @description Key of a tmate of this server */
        TmateKey: string;
        MemoryID: string;
        /** @description Key or name of the tmate. Needed unless the body has it. */
        AgentKeyQuery: string;
        FilesLimit: number;
        /** @description Path inside your folder. Its slashes may be sent as they are or as `%2F`. */
        FilePath: string;
        ViewUser: string;
        /** @description Until when the link works, in Unix seconds */
        ViewExpires: number;
        /** @description The signature, in hex */
        ViewToken: string;
        /** @description Your access token, unless a header carries it */
        SocketToken: string;
    };
    requestBodies: never;
    headers: {
        /** @description Seconds to wait */
        RetryAfter: number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listChats: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Your threads */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ThreadSummary"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createChat: {
        parameters: {
            query?: {
                /** @description Key or name of a tmate you have hired. Needed unless the body has it. */
                agent_key?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["ThreadCreate"];
            };
        };
        responses: {
            /** @description The thread */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ThreadSummary"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getChat: {
        parameters: {
            query?: {
                limit?: number;
                /** @description Only messages with a smaller `seq`, to page back through a long thread. The last page is empty. */
                before?: number;
            };
            header?: never;
            path: {
                /** @description A UUID, `team:all`, `group:all` or `agent:<key>` */
                thread_id: components["parameters"]["ThreadID"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The thread with its messages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Thread"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID, `team:all`, `group:all` or `agent:<key>` */
                thread_id: components["parameters"]["ThreadID"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    readChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID, `team:all`, `group:all` or `agent:<key>` */
                thread_id: components["parameters"]["ThreadID"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReadMarkInput"];
            };
        };
        responses: {
            /** @description How far you have read, and what is left */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadMark"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    clearChat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID, `team:all`, `group:all` or `agent:<key>` */
                thread_id: components["parameters"]["ThreadID"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is empty */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resetChatSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID, `team:all`, `group:all` or `agent:<key>` */
                thread_id: components["parameters"]["ThreadID"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new session and the message that marks it */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionReset"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    sendChatMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A UUID, `team:all`, `group:all` or `agent:<key>` */
                thread_id: components["parameters"]["ThreadID"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MessageCreate"];
            };
        };
        responses: {
            /** @description *Addition*: your message, which was there already: its `client_id` was sent before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description Your message */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAgentStore: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Everybody who is installed or in the catalog */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Store"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    manageAgent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ManageRequest"];
            };
        };
        responses: {
            /** @description Done; also when there was nothing to do */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Managed"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            402: components["responses"]["PlanLimit"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    hireAgent: {
        parameters: {
            query?: {
                /** @description Key or name of the tmate. Needed unless the body has it. */
                agent_key?: components["parameters"]["AgentKeyQuery"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["HireRequest"];
            };
        };
        responses: {
            /** @description Done; also when it was hired already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Managed"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            402: components["responses"]["PlanLimit"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    dismissAgent: {
        parameters: {
            query?: {
                /** @description Key or name of the tmate. Needed unless the body has it. */
                agent_key?: components["parameters"]["AgentKeyQuery"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["HireRequest"];
            };
        };
        responses: {
            /** @description Done; also when it was not hired */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Managed"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTeammates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tmates, in the order they were hired */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Teammate"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAgentsMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Everybody */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentsMetadata"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAgentMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tmate; for a key nobody has, an object with the one property `error`, and the status is 200 all the same */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentMetadataWithAccess"] | components["schemas"]["InlineError"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMemories: {
        parameters: {
            query?: {
                /** @description Only facts of one thread of yours, by its id or an alias */
                thread_id?: string;
                /** @description Words that must all occur; the beginning of a word is enough */
                q?: string;
                limit?: number;
                /** @description `next_before` of the page before */
                before?: number;
            };
            header?: never;
            path: {
                /** @description Key of a tmate that works for your organization, or did */
                agent_key: components["parameters"]["AgentKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of facts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memories"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteMemories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Key of a tmate that works for your organization, or did */
                agent_key: components["parameters"]["AgentKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is forgotten */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    search: {
        parameters: {
            query: {
                q: string;
                /** @description Only these kinds; may be repeated */
                kind?: components["schemas"]["FoundKind"][];
                /** @description Only messages of one thread of yours, by its id or an alias */
                thread_id?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchAnswer"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                memory_id: components["parameters"]["MemoryID"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is forgotten */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                memory_id: components["parameters"]["MemoryID"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryUpdate"];
            };
        };
        responses: {
            /** @description The fact, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPermissions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Key of a tmate that works for your organization, or did */
                agent_key: components["parameters"]["AgentKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What it may do */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Permissions"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    setPermissions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Key of a tmate that works for your organization, or did */
                agent_key: components["parameters"]["AgentKey"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PermissionsUpdate"];
            };
        };
        responses: {
            /** @description What it may do now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Permissions"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getEnabledAgents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who answers you */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnabledAgents"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPlatformAgents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Everybody who is installed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlatformAgents"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTmateTemplate: {
        parameters: {
            query?: {
                /** @description What it is to be called; what cannot stand in a name is left out */
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What to begin with */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TmateDraft"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    checkTmate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TmateCheck"];
            };
        };
        responses: {
            /** @description What was found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedTmate"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createTmate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TmateSource"];
            };
        };
        responses: {
            /** @description It is there; the problems are warnings */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedTmate"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["RefusedSource"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    changeTmate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Key of a tmate of this server */
                tmate_key: components["parameters"]["TmateKey"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TmateSource"];
            };
        };
        responses: {
            /** @description It is changed; the problems are warnings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedTmate"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["RefusedSource"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteTmate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Key of a tmate of this server */
                tmate_key: components["parameters"]["TmateKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTmateSource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Key of a tmate of this server */
                tmate_key: components["parameters"]["TmateKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The source */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TmateSourceRead"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listCatalogAgents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest published version of each tmate, by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Catalog"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    syncCatalogAgents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What has changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogSync"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAgentCatalog: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest published version of each tmate, by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Catalog"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    syncAgentCatalog: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What has changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogSync"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Providers"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listLocalPlaces: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The places */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Places"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    detectProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What answers there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundPlaces"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listProviderModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderDraft"];
            };
        };
        responses: {
            /** @description What it offers */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderModels"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    testProvider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderDraft"];
            };
        };
        responses: {
            /** @description How it went; that the service failed is no error of the request */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderTest"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    chooseProvider: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderChoice"];
            };
        };
        responses: {
            /** @description All providers, as they are now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Providers"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    saveProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A lower-case letter, then at most 31 of a-z, 0-9 and _ */
                provider_name: components["parameters"]["ProviderName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderDraft"];
            };
        };
        responses: {
            /** @description It is saved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderSaved"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    removeProvider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A lower-case letter, then at most 31 of a-z, 0-9 and _ */
                provider_name: components["parameters"]["ProviderName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listPinboardPosts: {
        parameters: {
            query?: {
                limit?: number;
                /** @description *Addition*: the slug of a post; only those behind it are listed. The last page is empty. */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Posts of your organization */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Post"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createPinboardPost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PostCreate"];
            };
        };
        responses: {
            /** @description The post */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Post"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPinboardPost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: components["parameters"]["Slug"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The post */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Post"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deletePinboardPost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: components["parameters"]["Slug"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listFiles: {
        parameters: {
            query?: {
                limit?: components["parameters"]["FilesLimit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Your files */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileListing"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    headFiles: {
        parameters: {
            query?: {
                limit?: components["parameters"]["FilesLimit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Your files */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileListing"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Limits and use */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploads"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    uploadFile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description At most 25 MiB, unless the operator says otherwise */
                    file: string;
                };
            };
        };
        responses: {
            /** @description Where it is now */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileUploaded"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            402: components["responses"]["PlanLimit"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    downloadFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Path inside your folder. Its slashes may be sent as they are or as `%2F`. */
                file_path: components["parameters"]["FilePath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["FileBytes"];
            206: components["responses"]["FilePart"];
            304: components["responses"]["NotModified"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            416: components["responses"]["BadRange"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    headFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Path inside your folder. Its slashes may be sent as they are or as `%2F`. */
                file_path: components["parameters"]["FilePath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["FileBytes"];
            206: components["responses"]["FilePart"];
            304: components["responses"]["NotModified"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            416: components["responses"]["BadRange"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    viewFile: {
        parameters: {
            query: {
                user_id: components["parameters"]["ViewUser"];
                /** @description Until when the link works, in Unix seconds */
                expires: components["parameters"]["ViewExpires"];
                /** @description The signature, in hex */
                token: components["parameters"]["ViewToken"];
            };
            header?: never;
            path: {
                /** @description Path inside your folder. Its slashes may be sent as they are or as `%2F`. */
                file_path: components["parameters"]["FilePath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["FileBytes"];
            206: components["responses"]["FilePart"];
            304: components["responses"]["NotModified"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            416: components["responses"]["BadRange"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    headView: {
        parameters: {
            query: {
                user_id: components["parameters"]["ViewUser"];
                /** @description Until when the link works, in Unix seconds */
                expires: components["parameters"]["ViewExpires"];
                /** @description The signature, in hex */
                token: components["parameters"]["ViewToken"];
            };
            header?: never;
            path: {
                /** @description Path inside your folder. Its slashes may be sent as they are or as `%2F`. */
                file_path: components["parameters"]["FilePath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["FileBytes"];
            206: components["responses"]["FilePart"];
            304: components["responses"]["NotModified"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            416: components["responses"]["BadRange"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    generateViewURL: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Path inside your folder. Its slashes may be sent as they are or as `%2F`. */
                file_path: components["parameters"]["FilePath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ViewURL"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Path inside your folder. Its slashes may be sent as they are or as `%2F`. */
                file_path: components["parameters"]["FilePath"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileDeleted"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listJobs: {
        parameters: {
            query?: {
                limit?: number;
                /** @description *Addition*: the id of one of your jobs; only older ones are listed. The last page is empty. */
                before?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Your jobs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    enqueueJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobCreate"];
            };
        };
        responses: {
            /** @description The job, queued */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            402: components["responses"]["PlanLimit"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: components["parameters"]["JobID"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: components["parameters"]["JobID"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job, cancelled */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    retryJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: components["parameters"]["JobID"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job that does it */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileUpdate"];
            };
        };
        responses: {
            /** @description You, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getProfileMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateProfileMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileUpdate"];
            };
        };
        responses: {
            /** @description You, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMobileSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateMobileSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsUpdate"];
            };
        };
        responses: {
            /** @description All of them, after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getWebSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebSettings"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateWebSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebSettingsUpdate"];
            };
        };
        responses: {
            /** @description All of them, after the change */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebSettings"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUserStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether you have; its property names are in camel case */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserStatus"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOrganization: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The organization */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateOrganization: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganizationUpdate"];
            };
        };
        responses: {
            /** @description The organization, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Organization"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMembers: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Everybody, the longest there first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Members"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    inviteMember: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Invitation"];
            };
        };
        responses: {
            /** @description Who they are, and the link to hand over */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invited"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            402: components["responses"]["PlanLimit"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberUpdate"];
            };
        };
        responses: {
            /** @description Who they are now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getInstance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What anybody may know */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Instance"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    claim: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Claim"];
            };
        };
        responses: {
            /** @description A session, as `/auth/v1/verify` answers it */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginSession"];
                };
            };
            400: components["responses"]["BadRequest"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Your logins, the newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sessions"];
                };
            };
            401: components["responses"]["Unauthorized"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    endOtherSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Only this login is left */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUsage: {
        parameters: {
            query?: {
                /** @description How far back; today counts */
                days?: number;
                /** @description What to sum by */
                by?: "tmate" | "model" | "day";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sums, the most tokens first, days by date */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    onboard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OnboardRequest"];
            };
        };
        responses: {
            /** @description What you have */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Onboarded"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getBillingPlan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The organization's plan */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPricing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Plans, in ascending `sort_order` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pricing"];
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createCheckout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckoutRequest"];
            };
        };
        responses: {
            /** @description Where to pay */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Checkout"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createPortal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default null */
                    return_url?: string | null;
                };
            };
        };
        responses: {
            /** @description Where to do so */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Portal"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    syncBilling: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plan afterwards */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    billingWebhook: {
        parameters: {
            query?: never;
            header?: {
                "Stripe-Signature"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description It was heard */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookHeard"];
                };
            };
            400: components["responses"]["BadRequest"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    gmailAuthorizationURL: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where to send the browser */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GmailAuthorization"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    gmailExchange: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GmailExchange"];
            };
        };
        responses: {
            /** @description Gmail is connected */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GmailConnected"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    gmailCallback: {
        parameters: {
            query?: {
                code?: string;
                state?: string;
                error?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page that says it worked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description A page that says what went wrong */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    gmailStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GmailStatus"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    gmailDisconnect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is forgotten; also when there was none */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    openWebSocket: {
        parameters: {
            query?: {
                /** @description Your access token, unless a header carries it */
                token?: components["parameters"]["SocketToken"];
            };
            header?: never;
            path: {
                /** @description Your own id */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You are connected */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["NoHandshake"];
            403: components["responses"]["SocketRefused"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    openWebSocketBare: {
        parameters: {
            query?: {
                /** @description Your access token, unless a header carries it */
                token?: components["parameters"]["SocketToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You are connected */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["NoHandshake"];
            403: components["responses"]["SocketRefused"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    openWebSocketNamed: {
        parameters: {
            query?: {
                /** @description Your access token, unless a header carries it */
                token?: components["parameters"]["SocketToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You are connected */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["NoHandshake"];
            403: components["responses"]["SocketRefused"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    internalAgentResult: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentResult"];
            };
        };
        responses: {
            /** @description It is stored and shown */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentResultTaken"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    internalChatStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentStatus"];
            };
        };
        responses: {
            /** @description It is shown */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusTaken"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    internalChatHistory: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HistoryRequest"];
            };
        };
        responses: {
            /** @description The newest messages, oldest of them first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            503: components["responses"]["Unavailable"];
        };
    };
    headHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            503: components["responses"]["Unavailable"];
        };
    };
    getHealthV1: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            503: components["responses"]["Unavailable"];
        };
    };
    headHealthV1: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            503: components["responses"]["Unavailable"];
        };
    };
    headReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            503: components["responses"]["Unavailable"];
        };
    };
    getReadyV1: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            503: components["responses"]["Unavailable"];
        };
    };
    headReadyV1: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Healthy"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOpenAPI: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    ETag: string;
                    "Cache-Control": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            304: components["responses"]["NotModified"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Page"];
            304: components["responses"]["NotModified"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
    getRedoc: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["Page"];
            304: components["responses"]["NotModified"];
            404: components["responses"]["NotFound"];
            503: components["responses"]["Unavailable"];
        };
    };
}
