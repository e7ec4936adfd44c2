// The API base as the official client's own README writes it, without the
// version.
import { screens } from './screens.mjs';
import { authURL } from './world.mjs';

screens(authURL);
