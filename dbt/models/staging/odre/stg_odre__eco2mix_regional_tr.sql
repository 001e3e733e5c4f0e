{{ eco2mix_regional_publie('odre', 'eco2mix_regional_tr', a_les_eoliens=false) }}
