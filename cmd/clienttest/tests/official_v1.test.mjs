// The API base as the server prints it.
import { screens } from './screens.mjs';
import { apiURL } from './world.mjs';

screens(apiURL);
